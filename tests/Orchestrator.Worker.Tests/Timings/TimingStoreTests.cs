using Orchestrator.Contracts;
using Orchestrator.Worker.Sessions;
using Orchestrator.Worker.Timings;

namespace Orchestrator.Worker.Tests.Timings;

public sealed class TimingStoreTests
{
    [Fact]
    public void The_newest_sessions_are_kept_up_to_a_number_of_passes()
    {
        var store = new TimingStore(mostPasses: 10, TimeProvider.System);
        for (int i = 0; i < 5; i++)
            store.Add(Session(i), stage: 0, Passes(4));

        Enumerable.Range(0, 5).Select(i => store.Find(Session(i)) is not null).ShouldBe([false, false, false, true, true]);
    }

    [Fact]
    public void What_stage_and_edge_say_of_a_session_is_told_together_and_the_first_word_counts()
    {
        var store = new TimingStore(100, TimeProvider.System);
        var edge = new EdgeTimings(1, 2, 3, [new TripTiming(0, 0, true, 4, 5)]);
        store.Add(Session(1), 2, Passes(3));
        store.Add(Session(1), 0, Passes(1));
        store.Add(Session(1), edge);
        store.Add(Session(1), 2, Passes(9));

        var told = store.Find(Session(1)).ShouldNotBeNull();

        told.Stages.Select(s => (s.Stage, s.Passes.Count)).ShouldBe([(0, 1), (2, 3)]);
        told.Edge.ShouldBe(edge);
        told.Stages[1].Passes[0].ShouldBe(new PassTiming(0, 0, 1, 1, 2, 3, 4));
    }

    [Fact]
    public void More_than_fits_is_not_kept_at_all()
    {
        var store = new TimingStore(3, TimeProvider.System);
        store.Add(Session(1), 0, Passes(4));

        store.Find(Session(1)).ShouldBeNull();
    }

    private static SessionId Session(int number) => SessionId.Derive(JobId.TryParse($"job-{number:x32}", out var job) ? job : throw new FormatException(), 0, 0);

    private static List<PassTimes> Passes(int count)
    {
        long micro = TimeProvider.System.TimestampFrequency / 1_000_000;
        return [.. Enumerable.Range(0, count).Select(i => new PassTimes(0, i, 1, 0, 1 * micro, 3 * micro, 6 * micro, 10 * micro))];
    }
}
