using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Traces;
using Orchestrator.Sharder.Operators;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Referees;

/// <summary>
/// Decides what bisection left over. The evidence may come from a liar: every tensor is checked against the state both parties signed
/// before anything is computed from it, so only an honest computation on agreed values decides.
/// </summary>
/// <param name="runtime">Runs one operator.</param>
/// <param name="shardPath">The disputed shard's file; the caller has checked its digest.</param>
/// <param name="model">The model.</param>
/// <param name="stage">The disputed stage.</param>
public sealed class RefereeRun(IModelRuntime runtime, string shardPath, ModelManifest model, int stage)
{
    private readonly OperatorGraph graph = OperatorGraph.Read(shardPath, model.Stages[stage]);

    private ShardManifest Shard => model.Stages[stage];

    /// <summary>How the trace of the shard is laid out.</summary>
    public TraceLayout Layout => graph.Layout;

    /// <summary>Logits per row.</summary>
    public int Vocabulary => model.Vocabulary;

    /// <summary>What a step is, for people.</summary>
    public string Describe(int step)
    {
        var (pass, within) = Math.DivRem(step, Layout.StepsPerPass);
        if (within == 0)
            return $"what was received in pass {pass}";
        var op = Layout.Operators[within - 1];
        return $"{op.Type} '{Printable(op.Name)}' (operator {op.Index}) in pass {pass}";
    }

    /// <summary>The right leaf of an operator's step.</summary>
    /// <param name="step">The first step in which the parties differ; not a received one.</param>
    /// <param name="agreed">The state after <paramref name="step"/> steps.</param>
    /// <param name="evidence">The operator's inputs.</param>
    /// <exception cref="InvalidDataException">The evidence does not fit the agreed state.</exception>
    public Digest StepLeaf(int step, Digest agreed, IReadOnlyList<TraceEvidence> evidence)
    {
        var (pass, within) = Math.DivRem(step, Layout.StepsPerPass);
        var op = Layout.Operators[within - 1];
        var proven = ProvenValues.Check(evidence, Layout, agreed, step);
        var inputs = op.Inputs.ToDictionary(
            input => input.Value,
            input => Layout.StepOf(input.Source, pass) is { } place ? proven[place] : PassInputs.EmptyCache(Shard.Caches[input.Source.Cache]),
            StringComparer.Ordinal);
        return TraceHash.Leaf([.. OperatorRun.Run(runtime, graph, op.Index, inputs).Select(TraceHash.Of)]);
    }

    /// <summary>The right leaf of a received step.</summary>
    /// <param name="received">That pass, from inputs that were checked against the receipt.</param>
    public Digest ReceivedLeaf(ReceivedPass received) =>
        TraceHash.Leaf([.. PassInputs.Received(Shard, model.Vocabulary, received).Select(TraceHash.Of)]);

    /// <summary>The hash of the chunk that the agreed trace puts out.</summary>
    /// <param name="passes">Passes of the chunk, which end the trace.</param>
    /// <param name="steps">Steps of the whole trace.</param>
    /// <param name="agreed">The state after all steps.</param>
    /// <param name="evidence">What the chunk put out.</param>
    /// <exception cref="InvalidDataException">The evidence does not fit the agreed state.</exception>
    public Digest ChunkHash(IReadOnlyList<ChunkPass> passes, int steps, Digest agreed, IReadOnlyList<TraceEvidence> evidence)
    {
        var proven = ProvenValues.Check(evidence, Layout, agreed, steps);
        return Hash(passes, steps, place => proven[place]);
    }

    /// <summary>The rows of logits in evidence of a chunk's outputs, with their hash. It alone ties them to a receipt, so no trace is needed.</summary>
    /// <param name="passes">Passes of the chunk, which end the trace.</param>
    /// <param name="steps">Steps of the whole trace.</param>
    /// <param name="evidence">What the chunk put out.</param>
    /// <exception cref="InvalidDataException">Something is missing, or this is not the last stage.</exception>
    public (Digest Hash, IReadOnlyList<(int Position, ReadOnlyMemory<byte> Row)> Rows) ChunkLogits(IReadOnlyList<ChunkPass> passes, int steps, IReadOnlyList<TraceEvidence> evidence)
    {
        if (!IsLast)
            throw new InvalidDataException($"Stage {stage} draws nothing: only the last one does.");
        var shown = evidence.ToLookup(entry => (entry.Step, entry.Output), entry => entry.Tensor);
        Tensor Value((int, int) place) => shown[place].FirstOrDefault() is { Shape: not null } tensor ? tensor : throw new InvalidDataException("Logits are missing.");
        var hash = Hash(passes, steps, Value);
        var rows = new List<(int, ReadOnlyMemory<byte>)>();
        foreach (var (pass, sends) in Sent(passes, steps, Value))
        {
            foreach (var logits in ChunkOutputs.Committed(pass, sends, last: true))
            {
                int rowBytes = logits.Bytes.Length / (pass.Tokens - pass.DrawFrom);
                for (int row = 0; row < pass.Tokens - pass.DrawFrom; row++)
                    rows.Add((pass.Position + pass.DrawFrom + row + 1, logits.Bytes.Slice(row * rowBytes, rowBytes)));
            }
        }

        return (hash, rows);
    }

    private bool IsLast => stage == model.Stages.Count - 1;

    private Digest Hash(IReadOnlyList<ChunkPass> passes, int steps, Func<(int Step, int Output), Tensor> value)
    {
        using var hash = new BoundaryHash();
        foreach (var (pass, sends) in Sent(passes, steps, value))
            ChunkOutputs.Append(hash, pass, sends, IsLast);
        return hash.Finish();
    }

    private IEnumerable<(ChunkPass Pass, IReadOnlyList<Tensor> Sends)> Sent(IReadOnlyList<ChunkPass> passes, int steps, Func<(int Step, int Output), Tensor> value)
    {
        int first = steps / Layout.StepsPerPass - passes.Count;
        for (int i = 0; i < passes.Count; i++)
            yield return (passes[i], [.. Layout.Sends.Select(send => value(Layout.StepOf(send, first + i)!.Value))]);
    }

    private static string Printable(string name) => new([.. name.Take(120).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
}
