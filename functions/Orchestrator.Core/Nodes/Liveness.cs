namespace Orchestrator.Core.Nodes;

/// <summary>When a silent node stops counting.</summary>
/// <param name="HeartbeatInterval">How often nodes report.</param>
/// <param name="MissedHeartbeats">Silent intervals after which a node is stale; it gets no new work.</param>
/// <param name="ForgetAfter">Silence after which a model's topology drops the node altogether.</param>
public sealed record Liveness(TimeSpan HeartbeatInterval, int MissedHeartbeats, TimeSpan ForgetAfter)
{
    /// <summary>Heartbeats every 5 s, stale after three, forgotten after a day.</summary>
    public static Liveness Default { get; } = new(TimeSpan.FromSeconds(5), 3, TimeSpan.FromDays(1));

    /// <summary>Whether the node has been silent for more than the allowed heartbeats, or never sent one.</summary>
    public bool IsStale(NodeState node, DateTimeOffset now) =>
        node.Heartbeat is null || now - node.LastSeen > HeartbeatInterval * MissedHeartbeats;

    /// <summary>Whether the node has been silent for so long that nothing should remember where it was.</summary>
    public bool IsForgotten(NodeState node, DateTimeOffset now) => now - node.LastSeen > ForgetAfter;
}
