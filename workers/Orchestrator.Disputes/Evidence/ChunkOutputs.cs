using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Evidence;

/// <summary>Which part of a pass's outputs is committed to: everything, but on the last stage only the rows that are drawn from.</summary>
public static class ChunkOutputs
{
    /// <summary>The committed tensors of a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="sends">All that the stage puts out, in manifest order.</param>
    /// <param name="last">Whether it is the last stage.</param>
    public static IReadOnlyList<Tensor> Committed(ChunkPass pass, IReadOnlyList<Tensor> sends, bool last)
    {
        if (!last)
            return sends;
        int rows = pass.Tokens - pass.DrawFrom;
        if (rows == 0)
            return [];
        var logits = sends[0];
        int rowBytes = logits.Bytes.Length / pass.Tokens;
        return [logits with { Shape = [1, rows, rowBytes / TensorSizes.SizeOf(logits.Type)], Bytes = logits.Bytes[(pass.DrawFrom * rowBytes)..] }];
    }

    /// <summary>Adds a pass to the hash of its chunk.</summary>
    public static void Append(BoundaryHash hash, ChunkPass pass, IReadOnlyList<Tensor> sends, bool last) =>
        hash.AppendPass(pass.Position, pass.Tokens, Committed(pass, sends, last));
}
