using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors;

/// <summary>Settings of the actor service.</summary>
public sealed class OrchestratorActorOptions
{
    /// <summary>When a silent node is dropped from a model's topology.</summary>
    public Liveness Liveness { get; set; } = Liveness.Default;
}
