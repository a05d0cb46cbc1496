using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>All that crossed one boundary in a sequence: per tensor the rows of all tokens, one after the other.</summary>
internal sealed class BoundaryRows
{
    private readonly TensorSpec[] specs;
    private readonly byte[][] data;

    private BoundaryRows(TensorSpec[] specs, int tokens)
    {
        this.specs = specs;
        if (specs.Any(s => s.Shape.Count < 2 || s.Shape[0] != TensorSizes.Batch || s.Shape[1] != TensorSizes.Sequence || s.Shape.Skip(2).Any(axis => axis < 0)))
            throw new InvalidDataException("Calibration takes boundaries of one row per token only.");
        data = [.. specs.Select(s => new byte[s.BytesPerToken * tokens])];
    }

    /// <summary>Runs a whole sequence through a stage in passes of the given sizes.</summary>
    internal static BoundaryRows Run(IStageEngine engine, int[] tokens, BoundaryRows? inputs, IEnumerable<int> passes)
    {
        using var session = engine.Open(tokens.Length);
        var rows = new BoundaryRows([.. engine.Shard.Sends.Select(s => s.Spec)], tokens.Length);
        foreach (int size in passes)
            rows.RunPass(session, tokens, inputs, size);
        return rows;
    }

    /// <summary>An empty boundary behind a stage, to be filled by <see cref="RunPass"/>.</summary>
    internal static BoundaryRows Behind(IStageEngine engine, int tokens) => new([.. engine.Shard.Sends.Select(s => s.Spec)], tokens);

    /// <summary>Runs the session's next pass and keeps what it puts out.</summary>
    internal void RunPass(IStageSession session, int[] tokens, BoundaryRows? inputs, int size)
    {
        int at = session.Position;
        var sent = session.Run(inputs is null ? tokens.AsSpan(at, size) : [], size, inputs?.Slice(at, size) ?? []);
        for (int i = 0; i < data.Length; i++)
            sent[i].Bytes.CopyTo(data[i].AsMemory((int)specs[i].BytesPerToken * at));
    }

    /// <summary>The last tensor's row after a token: logits on the last stage.</summary>
    internal ReadOnlySpan<byte> Row(int token) => data[^1].AsSpan((int)specs[^1].BytesPerToken * token, (int)specs[^1].BytesPerToken);

    /// <summary>Whether a chunk has the same bits on both sides.</summary>
    internal bool Equals(BoundaryRows other, int from, int to)
    {
        for (int i = 0; i < data.Length; i++)
        {
            int row = (int)specs[i].BytesPerToken;
            if (!data[i].AsSpan(from * row, (to - from) * row).SequenceEqual(other.data[i].AsSpan(from * row, (to - from) * row)))
                return false;
        }

        return true;
    }

    /// <summary>Gives a chunk's rows to a fingerprint, in the order its passes put them out.</summary>
    internal void Feed(FingerprintBuilder builder, int from, int to, bool onePass)
    {
        int step = onePass ? to - from : 1;
        for (int at = from; at < to; at += step)
        {
            for (int i = 0; i < data.Length; i++)
                builder.Add(specs[i].ElementType, data[i].AsSpan(at * (int)specs[i].BytesPerToken, step * (int)specs[i].BytesPerToken));
        }
    }

    private Tensor[] Slice(int from, int count) =>
        [.. data.Select((bytes, i) => new Tensor(
            specs[i].ElementType,
            [.. specs[i].Shape.Select(axis => TensorSizes.Resolve(axis, 1, count, from + count))],
            bytes.AsMemory(from * (int)specs[i].BytesPerToken, count * (int)specs[i].BytesPerToken)))];
}
