using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Settlement;

namespace Orchestrator.Core.Tests.Settlement;

public sealed class ChallengeWindowTests
{
    private static readonly TimeSpan Length = TimeSpan.FromHours(1);

    private static readonly TimeSpan Again = TimeSpan.FromMinutes(20);

    [Fact]
    public void An_answer_is_never_final_before_its_window_closes_or_while_disputed_and_always_in_the_end() => Gen.Select(
        Gen.Int[0, 2], Gen.Int[0, 5], Gen.Enum<DisputeOutcome>(), Gen.Int[0, 30]).List[0, 40].Sample(events =>
    {
        var now = Given.Now;
        var window = ChallengeWindow.Begin(now, Length);
        bool overturned = false;
        var open = new HashSet<DisputeId>();
        foreach (var (kind, id, outcome, minutes) in events)
        {
            now = now.AddMinutes(minutes);
            var before = window;
            var dispute = Id(id);
            switch (kind)
            {
                case 0:
                    (window, bool accepted) = window.Challenge(dispute, now);
                    if (accepted && !before.Closed.Contains(dispute) && window.State == Finality.Provisional)
                        open.Add(dispute);
                    break;
                case 1:
                    window = window.Resolve(dispute, outcome, Again, now);
                    overturned |= open.Contains(dispute) && before.Tick(now).State == Finality.Provisional && outcome == DisputeOutcome.Overturned;
                    open.Remove(dispute);
                    break;
                default:
                    window = window.Tick(now);
                    break;
            }

            if (before.State != Finality.Provisional)
                window.State.ShouldBe(before.State);
            if (window.State == Finality.Final)
            {
                (now - Given.Now).ShouldBeGreaterThanOrEqualTo(Length);
                window.Open.ShouldBeEmpty();
            }

            (window.State == Finality.Overturned).ShouldBe(overturned);
        }

        // Every dispute ends, so every answer does.
        foreach (var dispute in window.Open)
            window = window.Resolve(dispute, DisputeOutcome.Void, Again, now);
        window.Tick(now.AddDays(1)).State.ShouldNotBe(Finality.Provisional);
    }, iter: 3000);

    [Fact]
    public void A_void_dispute_opens_the_window_again_a_few_times()
    {
        var window = ChallengeWindow.Begin(Given.Now, Length);
        var now = Given.Now + Length - TimeSpan.FromMinutes(1);
        for (int i = 0; i < ChallengeWindow.MaxReopened + 1; i++)
        {
            window = window.Challenge(Id(i), now).Window.Resolve(Id(i), DisputeOutcome.Void, Again, now);
            window.State.ShouldBe(Finality.Provisional);
            if (i < ChallengeWindow.MaxReopened)
                window.WindowEnds.ShouldBe(now + Again);
            now += i < ChallengeWindow.MaxReopened ? TimeSpan.FromMinutes(19) : Again;
        }

        window.Tick(now).State.ShouldBe(Finality.Final);
        window.Tick(now).Challenge(Id(99), now).Accepted.ShouldBeFalse();
    }

    private static DisputeId Id(int number) => DisputeId.Derive(SessionId.Derive(Given.JobOf(1), 0, 0), number, 0, Given.NodeOf("c"));
}
