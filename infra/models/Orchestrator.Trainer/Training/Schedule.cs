namespace Orchestrator.Trainer.Training;

/// <summary>Warm up, stay, then fall in a straight line to zero: every step before the fall is independent of the total.</summary>
/// <param name="Steps">Length of the run.</param>
/// <param name="Warmup">Steps of rise.</param>
/// <param name="Fall">Steps of fall.</param>
public sealed record Schedule(int Steps, int Warmup, int Fall)
{
    /// <summary>Share of the peak learning rate at a step counted from 0.</summary>
    public float At(int step) => Math.Clamp(Math.Min((step + 1f) / (Warmup + 1), (float)(Steps - step) / Fall), 0f, 1f);
}
