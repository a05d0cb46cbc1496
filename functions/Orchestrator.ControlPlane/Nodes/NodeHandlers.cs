using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>Nodes over HTTP.</summary>
public sealed class NodeHandlers(IActorProxyFactory actors, TopologyCache topology, ControlPlaneOptions options, TimeProvider time)
{
    private const int AtOnce = 64;

    /// <summary><c>GET /api/nodes</c>.</summary>
    public async Task ListAsync(ApiCall call)
    {
        List<NodeState> nodes = [];
        foreach (var part in (await topology.CatalogAsync(call.Aborted)).Nodes.Chunk(AtOnce))
            nodes.AddRange((await Task.WhenAll(part.Select(id => actors.Node(id).GetAsync()))).OfType<NodeState>());
        await call.WriteAsync(new NodeList([.. nodes.Select(View)]), ControlPlaneJson.Default.NodeList);
    }

    /// <summary><c>GET /api/nodes/{id}</c>.</summary>
    public async Task GetAsync(ApiCall call)
    {
        var node = NodeId.TryParse(call.Route("id"), out var id) ? await actors.Node(id).GetAsync() : null;
        await call.WriteAsync(View(node ?? throw ApiErrors.NotFound("There is no such node. GET /api/nodes lists them.")), ControlPlaneJson.Default.NodeView);
    }

    /// <summary>A node as the API shows it.</summary>
    public NodeView View(NodeState node) => new(
        node.Record.Node,
        node.Record.Host,
        node.Record.Region,
        node.Heartbeat is null ? "registered" : options.Liveness.IsStale(node, time.GetUtcNow()) ? "stale" : node.Heartbeat.Draining ? "draining" : "ready",
        node.LastSeen,
        node.Heartbeat?.ActiveSessions ?? 0,
        node.Heartbeat?.Shards ?? [],
        node.Record.Capability,
        node.Record.PricePerLayerToken,
        node.Record.DataEndpoint,
        node.Record.StreamEndpoint,
        node.EarnedMicroCredits,
        node.JobsServed);
}
