namespace Orchestrator.Core.Placement;

/// <summary>Which node should hold which stage.</summary>
/// <param name="Placements">Wanted, sorted by stage and node. Includes shards kept for the time being because their successor is not ready yet.</param>
/// <param name="Chains">Complete chains on disjoint hosts that the placement allows once everything is loaded.</param>
/// <param name="Problems">Why there are fewer than wanted; empty when there are not.</param>
public sealed record PlacementPlan(IReadOnlyList<StagePlacement> Placements, int Chains, IReadOnlyList<PlacementProblem> Problems);

/// <summary>Why a placement falls short.</summary>
/// <param name="Kind">What is missing.</param>
/// <param name="Stage">The stage that found no place; null when no single stage is to blame.</param>
/// <param name="Message">For people; names numbers and the fix.</param>
public sealed record PlacementProblem(PlacementProblemKind Kind, int? Stage, string Message);

/// <summary>What a placement lacks.</summary>
public enum PlacementProblemKind
{
    /// <summary>No live node that is not draining.</summary>
    NoNodes,

    /// <summary>Fewer hosts than chains wanted.</summary>
    TooFewHosts,

    /// <summary>A stage is larger than the free memory of every node that could take it.</summary>
    OutOfMemory,
}
