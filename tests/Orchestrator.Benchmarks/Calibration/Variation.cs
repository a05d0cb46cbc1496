using Orchestrator.Contracts;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>Another way to compute what the reference computed.</summary>
/// <param name="Name">Name in the table.</param>
/// <param name="Honest">Whether it must pass.</param>
/// <param name="Stages">Engines of all stages.</param>
/// <param name="PassTokens">Tokens per pass; 0 takes the passes of the reference.</param>
internal sealed record Variation(string Name, bool Honest, IReadOnlyList<IStageEngine> Stages, int PassTokens)
{
    /// <summary>Sizes of the passes of a sequence.</summary>
    internal IEnumerable<int> Passes(int promptTokens, int tokens) => PassTokens == 0
        ? ChunkPlan.All(promptTokens, tokens).SelectMany(c => ChunkPlan.Passes(c, promptTokens)).Select(p => p.Tokens)
        : Enumerable.Range(0, (tokens + PassTokens - 1) / PassTokens).Select(i => Math.Min(PassTokens, tokens - i * PassTokens));
}
