using Orchestrator.Contracts;
using Orchestrator.Sharder.Operators;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Traces;

/// <summary>
/// A party's trace of one choice on one stage: replays the passes once, keeps a hash per step, and can show any step again from the
/// nearest kept caches. Deterministic: two honest parties of one class have the same trace. Not thread-safe.
/// </summary>
public sealed class StageTrace : IDisposable
{
    private readonly ITracedShard shard;
    private readonly IReceivedPasses inputs;
    private readonly CacheSnapshots snapshots;
    private readonly TraceTree tree = new();
    private (int Number, PassTrace Trace)? latest;

    /// <summary>Prepares a trace; nothing runs yet.</summary>
    /// <param name="shard">The shard; disposed with the trace.</param>
    /// <param name="inputs">What the stage received.</param>
    /// <param name="passes">Passes up to the end of the disputed chunk.</param>
    /// <param name="snapshotBytes">Most bytes of key/value caches kept to start again from.</param>
    /// <exception cref="InvalidDataException">The trace would have more steps than a dispute may have.</exception>
    public StageTrace(ITracedShard shard, IReceivedPasses inputs, int passes, long snapshotBytes = 256L << 20)
    {
        (this.shard, this.inputs, Passes) = (shard, inputs, passes);
        if ((long)passes * shard.Layout.StepsPerPass > DisputeChecks.MaxTraceSteps)
            throw new InvalidDataException($"A trace of {passes} passes of {shard.Layout.StepsPerPass} steps is too long to dispute; at most {DisputeChecks.MaxTraceSteps} steps are.");
        snapshots = new CacheSnapshots(snapshotBytes);
    }

    /// <summary>Passes of the whole trace.</summary>
    public int Passes { get; }

    /// <summary>How its steps are laid out.</summary>
    public TraceLayout Layout => shard.Layout;

    /// <summary>Steps of the whole trace.</summary>
    public int Steps => Passes * Layout.StepsPerPass;

    /// <summary>Replays everything that has not run yet; the long part of a dispute.</summary>
    /// <exception cref="InvalidDataException">The inputs are damaged, or the runtime refuses a pass.</exception>
    /// <exception cref="OperationCanceledException">Stopped between passes; calling again goes on.</exception>
    public void Complete(CancellationToken cancel = default)
    {
        int next = tree.Count / Layout.StepsPerPass;
        if (next == Passes)
            return;
        var caches = next == 0 ? shard.EmptyCaches() : Show(next - 1).Caches();
        foreach (var received in inputs.From(next).Take(Passes - next))
        {
            cancel.ThrowIfCancellationRequested();
            snapshots.Offer(next, caches);
            var trace = shard.Run(received, caches);
            for (int step = 0; step < Layout.StepsPerPass; step++)
                tree.Append(TraceHash.Leaf(trace.DigestsOf(step)));
            caches = trace.Caches();
            latest = (next++, trace);
        }

        if (next < Passes)
            throw new InvalidDataException($"The inputs end after {next} of {Passes} passes.");
    }

    /// <summary>The state after <paramref name="steps"/> steps.</summary>
    public Digest State(int steps)
    {
        Complete();
        return tree.State(steps);
    }

    /// <summary>The Merkle path of a step in the tree of the first <paramref name="steps"/>.</summary>
    public IReadOnlyList<Digest> Path(int step, int steps)
    {
        Complete();
        return tree.Path(step, steps);
    }

    /// <summary>Every value of a pass, run again when it is not the latest.</summary>
    public PassTrace Show(int pass)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(pass);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(pass, Passes);
        if (latest is { } kept && kept.Number == pass)
            return kept.Trace;
        var (number, caches) = snapshots.Before(pass) ?? (0, shard.EmptyCaches());
        foreach (var received in inputs.From(number).Take(pass - number + 1))
        {
            var trace = shard.Run(received, caches);
            caches = trace.Caches();
            latest = (number++, trace);
        }

        return number == pass + 1 ? latest!.Value.Trace : throw new InvalidDataException($"The inputs end before pass {pass}.");
    }

    /// <inheritdoc />
    public void Dispose() => shard.Dispose();
}
