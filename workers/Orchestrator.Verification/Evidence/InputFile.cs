using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Verification;

/// <summary>
/// Everything a stage received for one choice, in order. Format, version 1:
/// <code>
/// "ORINPUT1"   then per pass, little-endian, as <see cref="BoundaryHash"/> hashes it:
///              position u32   tokens u32   tensors u32   then per tensor:   element type u32   bytes u64   data
/// </code>
/// Stage 0 receives one int64 tensor with the token ids. Which passes follow each other, and their shapes, are known from the plan of chunks and the manifest.
/// </summary>
public static class InputFile
{
    internal const int PassHeader = 12;
    internal const int TensorHeader = 12;

    internal static ReadOnlySpan<byte> Magic => "ORINPUT1"u8;

    /// <summary>Bytes of the file of a choice.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long Bytes(ShardManifest shard, int promptTokens, int tokens) =>
        ChunkPlan.All(promptTokens, tokens).SelectMany(c => ChunkPlan.Passes(c, promptTokens)).Aggregate((long)Magic.Length, (sum, pass) => checked(sum + PassBytes(shard, pass)));

    /// <summary>What a file of at most so many tokens cannot exceed.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public static long MostBytes(ShardManifest shard, int tokens)
    {
        // A pass of several tokens is never longer than as many passes of one that each see the whole context.
        long each = PassHeader + Expected(shard).Aggregate(0L, (sum, spec) => checked(sum + TensorHeader + TensorSizes.Bytes(spec.ElementType, spec.Shape, 1, 1, tokens)));
        return checked(Magic.Length + tokens * each);
    }

    /// <summary>Reads a whole file and compares its root with what the stage signed. Never throws on hostile bytes.</summary>
    /// <returns>Why it does not match; null when it does.</returns>
    public static string? Mismatch(Stream file, ShardManifest shard, int promptTokens, ChoiceCommitment committed)
    {
        try
        {
            using var reader = new InputFileReader(file, shard, promptTokens, committed.Tokens);
            while (reader.Read() is not null)
            {
            }

            return MerkleTree.Root(reader.Leaves) == committed.Input ? null : "it is not under the root that was signed";
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentOutOfRangeException)
        {
            return e.Message;
        }
    }

    internal static IReadOnlyList<TensorSpec> Expected(ShardManifest shard) =>
        shard.Stage == 0 ? [new TensorSpec(ElementType.Int64, [TensorSizes.Batch, TensorSizes.Sequence], sizeof(long))] : [.. shard.Receives.Select(t => t.Spec)];

    internal static long TensorBytes(TensorSpec spec, ChunkPass pass)
    {
        long bytes = TensorSizes.Bytes(spec.ElementType, spec.Shape, 1, pass.Tokens, (long)pass.Position + pass.Tokens);
        return bytes <= FrameHeader.MaxFrame ? bytes : throw new InvalidDataException($"A tensor of {bytes} bytes never fitted a frame of the data plane.");
    }

    private static long PassBytes(ShardManifest shard, ChunkPass pass) =>
        PassHeader + Expected(shard).Aggregate(0L, (sum, spec) => checked(sum + TensorHeader + TensorBytes(spec, pass)));
}
