using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Tests;

internal static class Weights
{
    /// <summary>Random weights large enough that attention prefers some tokens to others.</summary>
    public static LlamaWeights Sharp(LlamaConfig config, ulong seed)
    {
        var weights = LlamaWeights.Random(config, seed);
        foreach (var slot in weights.Slots.Where(slot => slot.IsMatrix))
        {
            foreach (ref var value in weights.Of(slot.Name))
                value *= 8f;
        }
        return weights;
    }
}
