using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Placement;

/// <summary>What a placement is decided from.</summary>
/// <param name="ManifestDigest">Names the model in node reports.</param>
/// <param name="Manifest">Stages and their sizes.</param>
/// <param name="Nodes">Every node known, stale ones too; draining, stale, unreached and barred nodes get nothing.</param>
/// <param name="Current">Placements wanted so far: kept where possible, so that shards are not moved for nothing.</param>
/// <param name="WantedChains">Complete chains on disjoint hosts wanted, 1 or more.</param>
/// <param name="Reserved">Bytes of a node's memory that other models take; absent is 0.</param>
/// <param name="Liveness">When a node is stale.</param>
/// <param name="Now">Time of the decision.</param>
public sealed record PlacementRequest(
    Digest ManifestDigest,
    ModelManifest Manifest,
    IReadOnlyList<NodeState> Nodes,
    IReadOnlyList<StagePlacement> Current,
    int WantedChains,
    IReadOnlyDictionary<NodeId, long> Reserved,
    Liveness Liveness,
    DateTimeOffset Now)
{
    /// <summary>What a node needs to get work: a shard on a node that gets none is memory for nothing. Default: no bond, and scores above the default thresholds.</summary>
    public StandingRule Standing { get; init; } = new(0, ReputationRules.Default);

    /// <summary>How lately the platform must have reached a node. Default: nothing is asked.</summary>
    public ReachRule Reach { get; init; } = ReachRule.Off;
}
