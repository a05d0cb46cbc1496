using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>Chains, or why there are none.</summary>
[JsonDerivedType(typeof(Planned), "planned")]
[JsonDerivedType(typeof(Impossible), "impossible")]
public abstract record ChainPlan
{
    private ChainPlan()
    {
    }

    /// <summary>As many chains as asked for, on disjoint hosts.</summary>
    public sealed record Planned(IReadOnlyList<PlannedChain> Chains) : ChainPlan
    {
        /// <summary>A stage has nodes of several classes, so that results are compared within tolerance.</summary>
        [JsonIgnore]
        public bool Mixed => Chains.Any(c => c.Nodes.Zip(Chains[0].Nodes).Any(pair => pair.First.Record.Capability.Class != pair.Second.Record.Capability.Class));
    }

    /// <summary>Not enough chains.</summary>
    /// <param name="Reason">What is missing.</param>
    /// <param name="Stage">The stage that misses it; null when no single stage is to blame.</param>
    /// <param name="Message">For people: counts the nodes that were left out and why.</param>
    public sealed record Impossible(ChainPlanFailure Reason, int? Stage, string Message) : ChainPlan;
}

/// <summary>One node per stage.</summary>
/// <param name="Nodes">In stage order; the first is also the edge. A node may run several stages.</param>
public sealed record PlannedChain(IReadOnlyList<NodeState> Nodes)
{
    /// <summary>The chain as its nodes must see it.</summary>
    public IReadOnlyList<Hop> ToHops(ModelManifest manifest) =>
        [.. Nodes.Select((n, stage) => new Hop(n.Record.Node, manifest.Stages[stage].Layers, n.Record.DataEndpoint, n.Record.CertificateDigest, n.Record.Relay))];

    /// <summary>Hosts that run it, sorted.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Hosts => [.. Nodes.Select(n => n.Record.Host).Distinct().Order(StringComparer.Ordinal)];
}

/// <summary>Why chains could not be planned.</summary>
public enum ChainPlanFailure
{
    /// <summary>No live node holds a stage: place the model, or wait for its nodes. <see cref="ChainPlan.Impossible.Stage"/> says which.</summary>
    StageMissing,

    /// <summary>Every node that holds a stage is full or draining: try again soon.</summary>
    StageFull,

    /// <summary>Every node that holds a stage asks more than allowed.</summary>
    StageTooDear,

    /// <summary>The stages are there, but not on enough different hosts of one class, nor of classes that may be mixed.</summary>
    TooFewHosts,

    /// <summary>The bounded search ended undecided; see <see cref="DisjointChainSearch.MaxSteps"/>.</summary>
    Undecided,
}
