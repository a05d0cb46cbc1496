using Dapr.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors;

/// <summary>One node (actor id = node id): its record, its last heartbeat, its earnings. The caller has checked signatures.</summary>
public interface INodeActor : IActor
{
    /// <summary>
    /// Takes a newer record; an older one is ignored, and so is one that names another host than the owner of the node's stake.
    /// Returns the node as it is after the call.
    /// </summary>
    Task<NodeState> RegisterAsync(NodeRecord record);

    /// <summary>Takes a newer heartbeat; an older sequence is ignored. Unknown nodes answer <c>null</c>: they must register first.</summary>
    Task<NodeState?> HeartbeatAsync(NodeHeartbeat heartbeat, DateTimeOffset receivedAt);

    /// <summary>Books what the node earned for a job; the same event id counts once. Nothing happens when nothing is stored of the node.</summary>
    Task RecordEarningAsync(NodeEarning earning);

    /// <summary>Takes a newer standing from the node's <see cref="IStakeActor"/>; null when the node never registered.</summary>
    Task<NodeState?> StandAsync(NodeStanding standing);

    /// <summary>The node has shown that it reaches the door for answers; an older time changes nothing. Null when it never registered.</summary>
    Task<NodeState?> ProveDoorAsync(DateTimeOffset at);

    /// <summary>The platform has dialled the node; an older attempt, or one at an endpoint that the node no longer names, changes nothing. Null when it never registered.</summary>
    Task<NodeState?> DialledAsync(NodeDial dial);

    /// <summary>A demand that the node left unanswered keeps it from checked work until then; an earlier time changes nothing. Null when it never registered.</summary>
    Task<NodeState?> OweAsync(DateTimeOffset until);

    /// <summary>
    /// Drops what is stored of a node that nothing is known of but that it registered: no standing, nothing earned or owed, silent since before <paramref name="silentSince"/>.
    /// Anything else stays. Whether nothing is stored now.
    /// </summary>
    Task<bool> ForgetAsync(DateTimeOffset silentSince);

    /// <summary>The node now; null when it never registered.</summary>
    Task<NodeState?> GetAsync();
}

/// <summary>What a node earned for one job.</summary>
/// <param name="EventId">Unique for this node and job.</param>
/// <param name="Job">The job.</param>
/// <param name="LayerTokens">Layers times tokens.</param>
/// <param name="Amount">Micro-credits, 0 or more.</param>
/// <param name="IssuedAt">When it was decided: the same on every repeat.</param>
public sealed record NodeEarning(string EventId, string Job, long LayerTokens, long Amount, DateTimeOffset IssuedAt);
