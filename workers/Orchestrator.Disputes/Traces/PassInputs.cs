using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Traces;

/// <summary>Makes a shard's graph inputs from what it received.</summary>
internal static class PassInputs
{
    /// <summary>The outputs of the pass's step 0: model inputs, then received tensors, in manifest order.</summary>
    /// <exception cref="InvalidDataException">The pass does not fit the shard.</exception>
    public static IReadOnlyList<Tensor> Received(ShardManifest shard, int vocabulary, ReceivedPass received)
    {
        var pass = received.Pass;
        if (received.Tensors.Count != shard.Receives.Count)
            throw new InvalidDataException($"The pass at {pass.Position} has {received.Tensors.Count} tensors; stage {shard.Stage} receives {shard.Receives.Count}.");
        for (int i = 0; i < received.Tensors.Count; i++)
            Check(shard.Receives[i], received.Tensors[i], pass);
        return [.. shard.ModelInputs.Select(input => ModelInput(input.Role, received, vocabulary)), .. received.Tensors];
    }

    /// <summary>A cache before the first pass.</summary>
    public static Tensor EmptyCache(CacheTensor cache) => new(
        cache.Spec.ElementType, [.. cache.Spec.Shape.Select(axis => TensorSizes.Resolve(axis, batch: 1, sequence: 0, total: 0))], ReadOnlyMemory<byte>.Empty);

    private static Tensor ModelInput(InputRole role, ReceivedPass received, int vocabulary)
    {
        var (position, tokens, _) = received.Pass;
        if (role == InputRole.TokenIds && (received.TokenIds.Count != tokens || received.TokenIds.Any(token => (uint)token >= (uint)vocabulary)))
            throw new InvalidDataException($"The pass at {position} must have {tokens} token ids below {vocabulary}.");
        long[] values = new long[role == InputRole.AttentionMask ? position + tokens : tokens];
        for (int i = 0; i < values.Length; i++)
            values[i] = role switch { InputRole.TokenIds => received.TokenIds[i], InputRole.AttentionMask => 1, _ => position + i };
        return new Tensor(ElementType.Int64, [1, values.Length], MemoryMarshal.AsBytes<long>(values).ToArray());
    }

    private static void Check(BoundaryTensor expected, Tensor tensor, ChunkPass pass)
    {
        var spec = expected.Spec;
        bool fits = tensor.Type == spec.ElementType && tensor.Shape.Length == spec.Shape.Count;
        for (int axis = 0; fits && axis < tensor.Shape.Length; axis++)
        {
            long length = spec.Shape[axis] == TensorSizes.Unknown ? tensor.Shape[axis] : TensorSizes.Resolve(spec.Shape[axis], 1, pass.Tokens, pass.Position + pass.Tokens);
            fits = tensor.Shape[axis] == length && length >= 0;
        }

        if (!fits || tensor.Bytes.Length != TensorSizes.Bytes(tensor.Type, tensor.Shape, 1, 1, 1))
            throw new InvalidDataException($"Tensor '{expected.Name}' of the pass at {pass.Position} has another type, shape or size than the manifest says.");
    }
}
