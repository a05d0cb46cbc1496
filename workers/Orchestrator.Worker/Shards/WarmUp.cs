using Orchestrator.Contracts;

namespace Orchestrator.Worker.Shards;

/// <summary>Runs a short prefill and a decode pass over zeros, so that the first session does not pay for first uses of code and memory.</summary>
public static class WarmUp
{
    private const int Prefill = 2;

    /// <summary>Runs the passes in a session of their own; does nothing where the manifest leaves a received shape open.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses zeros.</exception>
    public static void Run(IStageEngine engine)
    {
        using var session = engine.Open(Prefill + 1);
        foreach (int tokens in (ReadOnlySpan<int>)[Prefill, 1])
        {
            int total = session.Position + tokens;
            Tensor?[] received = [.. engine.Shard.Receives.Select(tensor => Zeros(tensor.Spec, tokens, total))];
            if (received.Contains(null))
                return;
            session.Run(new int[tokens], tokens, [.. received.Select(tensor => tensor!.Value)]);
        }
    }

    private static Tensor? Zeros(TensorSpec spec, int tokens, int total)
    {
        long[] shape = [.. spec.Shape.Select(axis => axis switch
        {
            TensorSizes.Batch => 1,
            TensorSizes.Sequence => tokens,
            TensorSizes.Total => total,
            _ => axis,
        })];
        return shape.All(axis => axis >= 0)
            ? new Tensor(spec.ElementType, shape, new byte[shape.Aggregate((long)TensorSizes.SizeOf(spec.ElementType), (size, axis) => checked(size * axis))])
            : null;
    }
}
