using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Drill.Cheats;

/// <summary>Puts out noise of the right shape instead of running a shard.</summary>
/// <param name="shard">The shard.</param>
/// <param name="drawable">On the last stage: tokens that may be drawn. Logits beyond the tokenizer's would be seen at once in the answer.</param>
/// <param name="random">Makes the noise.</param>
public sealed class NoiseSession(ShardManifest shard, int? drawable, Random random) : IStageSession
{
    /// <inheritdoc />
    public int Position { get; private set; }

    /// <inheritdoc />
    public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
    {
        Position += tokenCount;
        return [.. shard.Sends.Select(send => Noise(send.Spec, tokenCount))];
    }

    /// <inheritdoc />
    public void Rewind(int position) => Position = position;

    /// <inheritdoc />
    public void Dispose()
    {
        // It holds nothing.
    }

    private Tensor Noise(TensorSpec spec, int rows)
    {
        long[] shape = [.. spec.Shape.Select(axis => TensorSizes.Resolve(axis, 1, rows, Position))];
        var values = new float[shape.Aggregate(1L, (size, axis) => size * axis)];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() * 4 - 2;
        for (int i = 0; drawable < shape[^1] && i < values.Length; i++)
            values[i] = i % shape[^1] >= drawable ? -100 : values[i];
        return new Tensor(ElementType.Float32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
