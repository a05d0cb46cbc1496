using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Puts out noise instead of running the shard. Nodes that share a seed make the same noise of the same job, so that they agree with each other.</summary>
public sealed class RandomOutput(int seed) : Conduct
{
    /// <inheritdoc />
    public override IStageSession Open(StageWork work)
    {
        work.Cheat();
        return new Session(work.Shard, work.IsLast ? work.Engines.Model.Tokenizer.VocabularySize : null, new Random(seed ^ BitConverter.ToInt32(Convert.FromHexString(work.Job.Id.Value[4..12]))));
    }

    private sealed class Session(ShardManifest shard, int? tokens, Random random) : IStageSession
    {
        public int Position { get; private set; }

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> ids, int tokenCount, IReadOnlyList<Tensor> received)
        {
            Position += tokenCount;
            return [.. shard.Sends.Select(send => Noise(send.Spec, tokenCount))];
        }

        public void Rewind(int position) => Position = position;

        public void Dispose()
        {
        }

        private Tensor Noise(TensorSpec spec, int rows)
        {
            long[] shape = [.. spec.Shape.Select(axis => TensorSizes.Resolve(axis, 1, rows, Position))];
            var values = new float[shape.Aggregate(1L, (size, axis) => size * axis)];
            for (int i = 0; i < values.Length; i++)
                values[i] = random.NextSingle() * 4 - 2;
            // Logits beyond the tokenizer's tokens would be seen at once in the answer.
            for (int i = 0; tokens < shape[^1] && i < values.Length; i++)
                values[i] = i % shape[^1] >= tokens ? -100 : values[i];
            return new Tensor(ElementType.Float32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
        }
    }
}
