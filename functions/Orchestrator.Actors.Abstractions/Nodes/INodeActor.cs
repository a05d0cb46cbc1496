using Dapr.Actors;
using Orchestrator.Contracts;

namespace Orchestrator.Actors;

/// <summary>One node (actor id = node id): its record, its last heartbeat, its earnings. The caller has checked signatures.</summary>
public interface INodeActor : IActor
{
    /// <summary>Takes a newer record; an older one is ignored. Returns the node as it is after the call.</summary>
    Task<NodeState> RegisterAsync(NodeRecord record);

    /// <summary>Takes a newer heartbeat; an older sequence is ignored. Unknown nodes answer <c>null</c>: they must register first.</summary>
    Task<NodeState?> HeartbeatAsync(NodeHeartbeat heartbeat, DateTimeOffset receivedAt);

    /// <summary>Books what the node earned for a job; the same event id counts once.</summary>
    Task RecordEarningAsync(NodeEarning earning);

    /// <summary>The node now; null when it never registered.</summary>
    Task<NodeState?> GetAsync();
}

/// <summary>A node as the platform sees it.</summary>
/// <param name="Record">Its signed record.</param>
/// <param name="Heartbeat">Its last heartbeat; null before the first.</param>
/// <param name="LastSeen">When the platform got it.</param>
/// <param name="EarnedMicroCredits">Sum over <see cref="INodeActor.RecordEarningAsync"/>.</param>
/// <param name="JobsServed">Jobs it was paid for.</param>
public sealed record NodeState(NodeRecord Record, NodeHeartbeat? Heartbeat, DateTimeOffset LastSeen, long EarnedMicroCredits, long JobsServed);

/// <summary>What a node earned for one job.</summary>
public sealed record NodeEarning(string EventId, string Job, int LayerTokens, long Amount);
