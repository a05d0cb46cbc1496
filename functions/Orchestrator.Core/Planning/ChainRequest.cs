using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Planning;

/// <summary>What <see cref="ChainPlanner"/> decides from.</summary>
/// <param name="ManifestDigest">Names the model in node reports.</param>
/// <param name="Manifest">Its stages.</param>
/// <param name="Nodes">Every node known; unfit ones are left out and named in a failure.</param>
/// <param name="Chains">Chains wanted, 1 to <see cref="ChainPlanner.MaxChains"/>; no two share a host.</param>
/// <param name="Liveness">When a node is stale.</param>
/// <param name="Now">Time of the decision.</param>
/// <param name="Seed">Decides ties and which candidates are compared; derive it from the job so that repeats give the same plan.</param>
public sealed record ChainRequest(
    Digest ManifestDigest,
    ModelManifest Manifest,
    IReadOnlyList<NodeState> Nodes,
    int Chains,
    Liveness Liveness,
    DateTimeOffset Now,
    ulong Seed)
{
    /// <summary>Nodes that must not be chosen: they refused or failed in an earlier attempt.</summary>
    public IReadOnlySet<NodeId> ExcludedNodes { get; init; } = new HashSet<NodeId>();

    /// <summary>Nodes that must not be chosen: chains failed at them, and nothing was heard of them since.</summary>
    public IReadOnlySet<NodeId> LostNodes { get; init; } = new HashSet<NodeId>();

    /// <summary>Hosts that must not be chosen: they run another chain of the same job.</summary>
    public IReadOnlySet<string> ExcludedHosts { get; init; } = new HashSet<string>();

    /// <summary>Most a node may ask, in micro-credits per layer and token; null for any.</summary>
    public long? MaxPricePerLayerToken { get; init; }

    /// <summary>The class all nodes must be of, e.g. that of the chains a third one is compared with; null for any.</summary>
    public ExecutionClass? Class { get; init; }

    /// <summary>What nodes need to get work.</summary>
    public StandingRule Standing { get; init; } = new(0, ReputationRules.Default);

    /// <summary>Which execution classes may take part.</summary>
    public ClassAdmission Admission { get; init; } = ClassAdmission.Any;

    /// <summary>How lately the platform must have reached a node.</summary>
    public ReachRule Reach { get; init; } = ReachRule.Off;

    /// <summary>What nodes must have shown to take part.</summary>
    public DoorRule Doors { get; init; } = DoorRule.Off;

    /// <summary>
    /// Classes whose outputs were calibrated against each other: where no one class has enough hosts, chains may be of several of these, and are compared within tolerance. Empty for
    /// chains of one class only, whose results can be compared bit by bit.
    /// </summary>
    public IReadOnlySet<ExecutionClass> Mixable { get; init; } = new HashSet<ExecutionClass>();
}
