using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Availability;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>
/// What the platform knows now of a node's ways to it: whether its heartbeats come, without which it does not count that witnesses do not reach it, and whether it has shown lately
/// that it reaches the door for answers, without which nothing counts.
/// </summary>
public sealed class HearNodeActivity(IActorProxyFactory actors, NodeDoors doors, ControlPlaneOptions options, TimeProvider time) : IActivity<NodeToHear, NodeHearing>
{
    /// <summary>Registered name.</summary>
    public const string Name = "hear-node";

    /// <inheritdoc />
    public async Task<NodeHearing> RunAsync(ActivityContext context, NodeToHear input) => await actors.Node(input.Node).GetAsync() is { } state
        ? new NodeHearing(!options.Liveness.IsStale(state, time.GetUtcNow()), doors.Rule.IsProven(state, time.GetUtcNow()))
        : new NodeHearing(false, false);
}

/// <summary>A node to hear from.</summary>
public sealed record NodeToHear(NodeId Node);
