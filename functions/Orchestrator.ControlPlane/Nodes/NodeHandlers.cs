using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>Nodes over HTTP.</summary>
public sealed class NodeHandlers(IActorProxyFactory actors, StakeDesk desk, TopologyCache topology, NodeDoors doors, ControlPlaneOptions options, TimeProvider time)
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
        if (node is null)
            throw ApiErrors.NotFound("There is no such node. GET /api/nodes lists them.");
        var trust = await desk.GetAsync(id);
        await call.WriteAsync(View(node) with { Trust = TrustView.Of(trust, options.MinBond), Unchecked = doors.Problem(node) ?? await UncheckedAsync(node, call.Aborted) }, ControlPlaneJson.Default.NodeView);
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
        node.Record.Relay?.Endpoint,
        node.Record.Relay is null ? "direct" : node.Record.DataEndpoint.Length == 0 ? "relay" : "either",
        node.EarnedMicroCredits,
        node.JobsServed,
        Standing(node.Standing),
        null)
    {
        DoorProvenAt = node.DoorProvenAt,
    };

    /// <summary>Why the node's class gets no work that is checked, in any of the models it holds; null when it does in one, or holds none.</summary>
    private async Task<string?> UncheckedAsync(NodeState node, CancellationToken cancel)
    {
        var admission = await topology.AdmissionAsync(cancel);
        var held = (await topology.ModelsAsync(cancel)).Values.Where(m => m.Nodes.Any(n => n.Record.Node == node.Record.Node)).ToList();
        var @class = node.Record.Capability.Class;
        return held.Count == 0 || held.Any(m => admission.Admitted(m.Nodes, options.Liveness, options.Standing, time.GetUtcNow())?.Contains(@class) != false)
            ? null
            : $"No referee and fewer than {admission.LeastHosts} hosts have its execution class, so that nothing it signs could be judged: run a referee of that class, or lower Audits:LeastClassHosts.";
    }

    private StandingView Standing(NodeStanding? known)
    {
        var now = time.GetUtcNow();
        var score = (known?.Correctness ?? BetaReputation.Newcomer(options.Reputation.Correctness, now)).Standing(options.Reputation.Correctness, now);
        return new StandingView(known?.Bonded ?? 0, score.Score, score.Threshold, score.Distance, options.Standing.Bars(known, now));
    }
}
