using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors;

/// <summary>Settings of the actor service.</summary>
public sealed class OrchestratorActorOptions
{
    /// <summary>What the actors and the control plane must agree on.</summary>
    public NetworkRules Rules { get; set; } = NetworkRules.Default;

    /// <summary>When a silent node is dropped from a model's topology.</summary>
    public Liveness Liveness => Rules.Liveness;

    /// <summary>How stake moves and what faults cost.</summary>
    public StakeRules Stake => Rules.StakeRules;

    /// <summary>How scores move and bar.</summary>
    public ReputationRules Reputation => Rules.Reputation;
}
