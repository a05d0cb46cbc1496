using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;

namespace Orchestrator.Disputes.Evidence;

/// <summary>What a party shows of its trace.</summary>
public static class EvidenceBuilder
{
    /// <summary>The opened leaf of a step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public static (IReadOnlyList<Digest> Outputs, IReadOnlyList<Digest> Path) Leaf(StageTrace trace, int step) =>
        (trace.Show(step / trace.Layout.StepsPerPass).DigestsOf(step % trace.Layout.StepsPerPass), trace.Path(step, step + 1));

    /// <summary>All that the operator of a step reads, proven against the state before the step. Empty for a received step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public static IReadOnlyList<TraceEvidence> StepInputs(StageTrace trace, int step)
    {
        var (pass, within) = Math.DivRem(step, trace.Layout.StepsPerPass);
        return within == 0 ? [] : Prove(trace, trace.Layout.Operators[within - 1].Inputs.Select(input => trace.Layout.StepOf(input.Source, pass)), step);
    }

    /// <summary>All that the last passes sent, proven against the state at the trace's end.</summary>
    /// <param name="trace">Ends with the disputed chunk.</param>
    /// <param name="passes">Passes of that chunk.</param>
    public static IReadOnlyList<TraceEvidence> ChunkOutputs(StageTrace trace, int passes)
    {
        var sent = Enumerable.Range(trace.Passes - passes, passes).SelectMany(pass => trace.Layout.Sends.Select(send => trace.Layout.StepOf(send, pass)));
        return Prove(trace, sent, trace.Steps);
    }

    private static IReadOnlyList<TraceEvidence> Prove(StageTrace trace, IEnumerable<(int Step, int Output)?> values, int steps)
    {
        int perPass = trace.Layout.StepsPerPass;
        // In order of passes, so that the trace goes back at most once.
        return [.. values.OfType<(int Step, int Output)>().Distinct().OrderBy(value => value.Step).Select(value =>
        {
            var shown = trace.Show(value.Step / perPass);
            int within = value.Step % perPass;
            return new TraceEvidence(value.Step, value.Output, shown.DigestsOf(within), trace.Path(value.Step, steps), shown.OutputsOf(within)[value.Output]);
        })];
    }
}
