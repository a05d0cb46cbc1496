using Orchestrator.Disputes.Tests.Kit;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Tests;

public sealed class StageTraceTests(Models models) : IClassFixture<Models>
{
    [Theory, InlineData("standard"), InlineData("grouped")]
    public async Task A_pass_can_be_shown_again_whatever_few_caches_are_kept(string name)
    {
        var recording = (await models.GetAsync(name)).Generate(30, 90);
        using var plenty = recording.Trace(0, chunk: 2);
        using var none = recording.Trace(0, chunk: 2, snapshotBytes: 1);
        none.State(none.Steps).ShouldBe(plenty.State(plenty.Steps));
        foreach (int pass in (int[])[40, 3, 60, 0, 59])
        {
            for (int step = 0; step < plenty.Layout.StepsPerPass; step++)
                none.Show(pass).DigestsOf(step).ShouldBe(plenty.Show(pass).DigestsOf(step));
        }
    }

    [Fact]
    public async Task A_trace_that_was_stopped_goes_on_where_it_was()
    {
        var recording = (await models.GetAsync("grouped")).Generate(30, 60);
        using var whole = recording.Trace(1, chunk: 1);
        using var stopped = recording.Trace(1, chunk: 1);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Should.Throw<OperationCanceledException>(() => stopped.Complete(stop.Token));
        stopped.State(stopped.Steps).ShouldBe(whole.State(whole.Steps));
    }

    [Fact]
    public async Task Inputs_that_end_early_are_refused()
    {
        var recording = (await models.GetAsync("grouped")).Generate(30, 60);
        using var trace = new Traces.StageTrace(recording.Model.Trace(1), recording.Passes(1), passes: 99);
        Should.Throw<InvalidDataException>(() => trace.State(0)).Message.ShouldContain("end after 31 of 99");
    }

    [Fact]
    public async Task Every_step_is_in_the_state_at_the_end()
    {
        var recording = (await models.GetAsync("grouped")).Generate(5, 8);
        using var trace = recording.Trace(1, chunk: 1);
        var end = trace.State(trace.Steps);
        for (int step = 0; step < trace.Steps; step++)
        {
            var leaf = TraceHash.Leaf(trace.Show(step / trace.Layout.StepsPerPass).DigestsOf(step % trace.Layout.StepsPerPass));
            MerkleTree.Contains(end, trace.Steps, step, leaf, trace.Path(step, trace.Steps)).ShouldBeTrue();
        }
    }
}
