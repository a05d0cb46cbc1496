using Dapr.Actors.Client;
using Microsoft.AspNetCore.Http;
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
public sealed class NodeHandlers(IActorProxyFactory actors, StakeDesk desk, TopologyCache topology, NodeDoors doors, NodeDialer dialer, ControlPlaneOptions options, TimeProvider time)
{
    private const int AtOnce = 64;
    private const int MaxListed = 500;
    private const int MaxListedShards = 16;

    /// <summary><c>GET /api/nodes?after=&amp;limit=</c>: a page, by id. Anybody can register nodes that claim much, so lists leave most of it to <see cref="GetAsync"/>.</summary>
    public async Task ListAsync(ApiCall call)
    {
        string? text = call.Http.Request.Query["limit"];
        int limit = MaxListed;
        if (text is not null && (!int.TryParse(text, out limit) || limit is < 1 or > MaxListed))
            throw ApiErrors.BadParameter("limit", $"'limit' must be 1 to {MaxListed}.", "invalid_value");
        string after = "";
        if (call.Http.Request.Query["after"] is [{ } last])
            after = NodeId.TryParse(last, out var from) ? from.Value : throw ApiErrors.BadParameter("after", "'after' must be a node id.", "invalid_value");

        var known = (await topology.CatalogAsync(call.Aborted)).Nodes;
        var page = known.Where(id => string.CompareOrdinal(id.Value, after) > 0).Take(limit + 1).ToList();
        string? next = page.Count > limit ? page[limit - 1].Value : null;
        List<NodeView> nodes = [];
        foreach (var part in page.Take(limit).Chunk(AtOnce))
            nodes.AddRange((await Task.WhenAll(part.Select(id => actors.Node(id).GetAsync()))).OfType<NodeState>().Select(Short));
        await call.WriteAsync(new NodeList(nodes) { Next = next }, ControlPlaneJson.Default.NodeList);
    }

    /// <summary><c>GET /api/nodes/{id}</c>.</summary>
    public async Task GetAsync(ApiCall call)
    {
        var node = NodeId.TryParse(call.Route("id"), out var id) ? await actors.Node(id).GetAsync() : null;
        if (node is null)
            throw ApiErrors.NotFound("There is no such node. GET /api/nodes lists them.");
        var trust = await desk.GetAsync(id);
        await call.WriteAsync(View(node) with { Trust = TrustView.Of(trust, options.MinBond), Unreached = node.Heartbeat is null ? null : dialer.Problem(node), Unchecked = doors.Problem(node) ?? await UncheckedAsync(node, call.Aborted) }, ControlPlaneJson.Default.NodeView);
    }

    /// <summary><c>GET /api/nodes/{id}/registration</c>: needs no key, so it is answered from what is cached; a node of this moment may have to ask again.</summary>
    public async Task RegistrationAsync(ApiCall call)
    {
        bool registered = NodeId.TryParse(call.Route("id"), out var id)
            && (options.Audits.Referees.Contains(id.Value) || (await topology.CatalogAsync(call.Aborted)).Nodes.Contains(id));
        if (!registered)
            throw ApiErrors.NotFound("No such node is registered.");
        call.Http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>A node as the API shows it.</summary>
    public NodeView View(NodeState node) => new(
        node.Record.Node,
        node.Record.Host,
        node.Record.Region,
        Status(node),
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

    private string Status(NodeState node)
    {
        var now = time.GetUtcNow();
        if (node.Heartbeat is null)
            return "registered";
        if (options.Liveness.IsStale(node, now))
            return "stale";
        return !dialer.Rule.Admits(node, now) ? "unreached" : node.Heartbeat.Draining ? "draining" : "ready";
    }

    private NodeView Short(NodeState node)
    {
        var view = View(node);
        return view with { Shards = [.. view.Shards.Take(MaxListedShards).Select(s => s with { Error = null })] };
    }

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
