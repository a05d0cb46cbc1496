using Orchestrator.Core.Events;

namespace Orchestrator.Core.Tests.Events;

public sealed class RecentEventsTests
{
    [Fact]
    public void A_repeat_is_a_duplicate_within_the_window_and_too_old_after_it()
    {
        var events = RecentEvents.None.Remember("a", Given.Now, Given.Now);
        events.Check("a", Given.Now).ShouldBe(Freshness.Duplicate);
        events.Check("b", Given.Now).ShouldBe(Freshness.New);

        var later = Given.Now + RecentEvents.Retention;
        events = events.Remember("c", later, later);

        events.Issued.Keys.ShouldBe(["c"]);
        events.Check("a", Given.Now).ShouldBe(Freshness.TooOld);
        events.Check("never seen", Given.Now).ShouldBe(Freshness.TooOld);
    }

    [Fact]
    public void Memory_is_bounded_and_what_was_forgotten_is_never_taken_for_new()
    {
        var events = RecentEvents.None;
        int count = RecentEvents.Capacity + 3000;
        for (int i = 0; i < count; i++)
        {
            var at = Given.Now.AddMilliseconds(i);
            events.Check($"e{i}", at).ShouldBe(Freshness.New);
            events = events.Remember($"e{i}", at, at);
        }

        events.Issued.Count.ShouldBeLessThanOrEqualTo(RecentEvents.Capacity);
        events.Issued.Count.ShouldBeGreaterThan(RecentEvents.Capacity / 2);
        for (int i = 0; i < count; i++)
            events.Check($"e{i}", Given.Now.AddMilliseconds(i)).ShouldNotBe(Freshness.New);
    }

    [Fact]
    public void The_horizon_never_moves_back()
    {
        var events = RecentEvents.None.Remember("a", Given.Now, Given.Now);
        var horizon = events.Horizon;

        events.Remember("b", Given.Now, Given.Now.AddDays(-30)).Horizon.ShouldBe(horizon);
    }
}
