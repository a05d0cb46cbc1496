using Orchestrator.Contracts;
using Orchestrator.Drill.Models;

namespace Orchestrator.Drill.Workers;

/// <summary>Loads what disputes are traced with: with the weights that the node cheats with, so that its traces fit what it committed to.</summary>
public sealed class CheatingRuntime(IModelRuntime inner, CheatOrder order) : IModelRuntime
{
    /// <inheritdoc />
    public void Optimize(string modelPath, string optimizedPath) => inner.Optimize(modelPath, optimizedPath);

    /// <inheritdoc />
    public IModelSession Load(string modelPath)
    {
        if (FormatOf(order.Cheat) is not { } format)
            return inner.Load(modelPath);
        string rounded = modelPath + ".rounded";
        WeightRounding.Rewrite(modelPath, rounded, format);
        try
        {
            return inner.Load(rounded);
        }
        finally
        {
            File.Delete(rounded);
        }
    }

    /// <summary>The weights that a cheat runs; null when it runs those that are published.</summary>
    internal static WeightFormat? FormatOf(string? cheat) => cheat switch
    {
        CheatOrder.Int8Weights => WeightFormat.Int8,
        CheatOrder.Fp16Weights => WeightFormat.Float16,
        CheatOrder.SkippedLayers => WeightFormat.Skipped,
        _ => null,
    };
}
