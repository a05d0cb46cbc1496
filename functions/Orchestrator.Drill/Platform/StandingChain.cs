using Orchestrator.Core.Reconciliation;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Platform;

/// <summary>A chain whose statements contradict nothing.</summary>
/// <param name="Run">What was run, nodes' memories included.</param>
/// <param name="Outcome">What the platform knows of it.</param>
public sealed record StandingChain(ChainRun Run, ChainOutcome Outcome)
{
    /// <summary>Its result.</summary>
    public OpenedResult Opened => Outcome.Opened!;

    /// <summary>Tokens of its answer.</summary>
    public IReadOnlyList<int> Tokens => Opened.Result.Choices[0].Tokens;
}
