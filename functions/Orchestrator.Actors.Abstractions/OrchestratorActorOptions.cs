using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors;

/// <summary>Settings of the actor service.</summary>
public sealed class OrchestratorActorOptions
{
    /// <summary>When a silent node is dropped from a model's topology.</summary>
    public Liveness Liveness { get; set; } = Liveness.Default;

    /// <summary>How stake moves and what faults cost.</summary>
    public StakeRules Stake { get; set; } = StakeRules.Default;

    /// <summary>How scores move and bar.</summary>
    public ReputationRules Reputation { get; set; } = ReputationRules.Default;
}
