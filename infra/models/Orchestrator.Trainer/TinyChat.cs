using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer;

/// <summary>The choices behind the bundled model, <c>infra/models/tiny-chat</c>.</summary>
public static class TinyChat
{
    public const string Name = "tiny-chat";

    public const ulong Seed = 1;

    /// <summary>Seed of the held-out questions.</summary>
    public const ulong EvaluationSeed = 20;

    public static LlamaConfig Config { get; } = new(Layers: 8, DModel: 128, Heads: 4, KvHeads: 2, HeadDim: 32, Ffn: 256, Context: 512);

    public static Schedule Schedule { get; } = new(Steps: 3200, Warmup: 100, Fall: 1200);
}
