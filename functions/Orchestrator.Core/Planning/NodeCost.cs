using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>How unattractive a node is, in integer points so that equal nodes tie exactly.</summary>
internal static class NodeCost
{
    /// <summary>Load 0..1000 for the share of sessions in use, price 0..500 for the share of the highest allowed, age 0..250 up to stale.</summary>
    public static long Of(NodeState node, ChainRequest request)
    {
        var capability = node.Record.Capability;
        long load = 1000L * node.Heartbeat!.ActiveSessions / Math.Max(1, capability.MaxSessions);
        long price = request.MaxPricePerLayerToken is { } most and > 0
            ? (long)((Int128)500 * node.Record.PricePerLayerToken / most)
            : Math.Min(500, node.Record.PricePerLayerToken);
        var stale = request.Liveness.HeartbeatInterval * request.Liveness.MissedHeartbeats;
        long age = stale > TimeSpan.Zero ? (long)(250 * Math.Clamp((request.Now - node.LastSeen) / stale, 0, 1)) : 0;
        return load + price + age;
    }
}
