using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Nodes;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>Topic <see cref="Topics.Nodes"/>: registrations and heartbeats.</summary>
public sealed class NodeMessages(IActorProxyFactory actors, TopologyCache topology, PlacementSender placements, CatalogRoom room, NodeDoors doors, NodeDialer dialer, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>Takes a message in.</summary>
    public Task<(Delivery Delivery, string? Reason)> HandleAsync(SignedMessage message, CancellationToken cancel) => message.Type switch
    {
        MessageTypes.NodeRecord => RegisterAsync(message, cancel),
        MessageTypes.NodeHeartbeat => HeartbeatAsync(message, cancel),
        _ => Task.FromResult((Delivery.Dropped, (string?)"type: unknown")),
    };

    private async Task<(Delivery, string?)> RegisterAsync(SignedMessage message, CancellationToken cancel)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.NodeRecord, ContractsJson.Default.NodeRecord, out var record, out string? error))
            return (Delivery.Dropped, $"signature: {error}");
        if (NodeRecordCheck.Problem(record, MessageSigning.Signer(message), time.GetUtcNow(), options.NodeMessageAge) is { } problem)
            return (Delivery.Dropped, problem);
        // The platform's own referees judge; they take no work, or they would judge themselves.
        // Their class is kept: what they can judge may be given work.
        if (options.Audits.Referees.Contains(record.Node.Value))
        {
            await actors.Node(record.Node).RegisterAsync(record);
            return (Delivery.Accepted, null);
        }

        if (!await room.HasRoomAsync(record.Node, cancel))
            return (Delivery.Dropped, "full: no more nodes are taken");
        var node = await actors.Node(record.Node).RegisterAsync(record);
        if (node.Standing?.Owner is { } owner && owner != record.Host)
            return (Delivery.Dropped, "host: the node's stake belongs to another account");
        await actors.Catalog().AddNodeAsync(record.Node);
        await ReportAsync(node, cancel);
        dialer.Ask(node, ReportAsync);
        return (Delivery.Accepted, null);
    }

    private async Task<(Delivery, string?)> HeartbeatAsync(SignedMessage message, CancellationToken cancel)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.NodeHeartbeat, ContractsJson.Default.NodeHeartbeat, out var heartbeat, out string? error))
            return (Delivery.Dropped, $"signature: {error}");
        if (options.Audits.Referees.Contains(heartbeat.Node.Value))
            return (Delivery.Accepted, null);
        var now = time.GetUtcNow();
        if (NodeRecordCheck.Problem(heartbeat, MessageSigning.Signer(message), now, options.NodeMessageAge) is { } problem)
            return (Delivery.Dropped, problem);
        if (await actors.Node(heartbeat.Node).HeartbeatAsync(heartbeat, now) is not { } node)
            return (Delivery.Dropped, "unregistered: it must register first");
        await ReportAsync(node, cancel);
        dialer.Ask(node, ReportAsync);
        await doors.AskAsync(node, cancel);
        return (Delivery.Accepted, null);
    }

    /// <summary>Tells the models that a node concerns what is known of it now.</summary>
    public async Task ReportAsync(NodeState node, CancellationToken cancel)
    {
        var models = await topology.ModelsAsync(cancel);
        // A model hears of nodes that hold it or should; the rest would only make it larger.
        var concerned = models.Values.Where(m => Concerns(m, node)).ToList();
        await Task.WhenAll(concerned.Select(m => actors.Model(m.Publication.Manifest.Name).ReportNodeAsync(node)));
        // The cached state may be as old as a heartbeat: chains planned from it would still contain the node.
        if (node.Heartbeat is { Draining: true } && concerned.SelectMany(m => m.Nodes).Any(n => n.Record.Node == node.Record.Node && n.Heartbeat is { Draining: false }))
            topology.Invalidate();
        await placements.ReconcileAsync(concerned, node, cancel);
        await placements.DropStraysAsync([.. models.Values], node, cancel);
    }

    private static bool Concerns(ModelState model, NodeState node) =>
        model.Placements.Any(p => p.Node == node.Record.Node)
        || model.Nodes.Any(n => n.Record.Node == node.Record.Node)
        || (node.Heartbeat?.Shards.Any(s => s.Manifest == model.Publication.ManifestDigest) ?? false);
}
