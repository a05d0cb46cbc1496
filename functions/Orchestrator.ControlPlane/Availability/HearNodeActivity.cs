using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>
/// Whether the platform hears from a node now: its heartbeats go out by the way on which its answers to demands go, a gateway or the platform's own network. Only then does it count
/// that witnesses do not reach it.
/// </summary>
public sealed class HearNodeActivity(IActorProxyFactory actors, ControlPlaneOptions options, TimeProvider time) : IActivity<NodeToHear, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "hear-node";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, NodeToHear input) =>
        await actors.Node(input.Node).GetAsync() is { } state && !options.Liveness.IsStale(state, time.GetUtcNow());
}

/// <summary>A node to hear from.</summary>
public sealed record NodeToHear(NodeId Node);
