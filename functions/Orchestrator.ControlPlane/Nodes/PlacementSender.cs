using System.Collections.Concurrent;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>
/// Tells nodes what to hold, again and again until their heartbeats show it: a message may be lost, and a restarted node has forgotten.
/// </summary>
public sealed class PlacementSender(Dispatcher dispatcher, ControlPlaneOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<(NodeId Node, Digest Manifest), Sent> sent = new();
    private readonly Strays strays = new(options.PlacementResendInterval + options.Liveness.HeartbeatInterval, time);

    /// <summary>Sends what a node should hold of the models where its heartbeat shows something else.</summary>
    public async Task ReconcileAsync(IEnumerable<ModelState> models, NodeState node, CancellationToken cancel)
    {
        foreach (var model in models)
        {
            if (Differs(model, node))
                await SendAsync(model, node.Record.Node, again: false, cancel);
        }
    }

    /// <summary>
    /// Has a node drop shards of manifests that no model has any more. Only what it still shows after a while: the models here may be a little old.
    /// </summary>
    public Task DropStraysAsync(IReadOnlyCollection<ModelState> models, NodeState node, CancellationToken cancel)
    {
        var current = models.Select(m => m.Publication.ManifestDigest).ToHashSet();
        var due = strays.Take(node.Record.Node, (node.Heartbeat?.Shards ?? []).Select(s => s.Manifest).Where(m => !current.Contains(m)));
        // Versions rise over the publications of a model, so whichever it was of, this one is not older than its last.
        return Task.WhenAll(due.Select(manifest =>
            dispatcher.PlaceAsync(node.Record.Node, manifest, [], models.Max(m => (long?)m.PlacementVersion) ?? long.MaxValue, cancel)));
    }

    /// <summary>Sends every node of a model its placement, also those that no longer have one.</summary>
    public Task SendAllAsync(ModelState model, IEnumerable<NodeId> before, CancellationToken cancel) =>
        Task.WhenAll(model.Placements.Select(p => p.Node).Concat(before).Distinct().Select(node => SendAsync(model, node, again: true, cancel)));

    private async Task SendAsync(ModelState model, NodeId node, bool again, CancellationToken cancel)
    {
        var key = (node, model.Publication.ManifestDigest);
        var now = new Sent(model.PlacementVersion, time.GetTimestamp());
        if (!again && sent.TryGetValue(key, out var last) && last.Version == now.Version && time.GetElapsedTime(last.At) < options.PlacementResendInterval)
            return;
        sent[key] = now;
        await dispatcher.PlaceAsync(node, model.Publication.ManifestDigest, Wanted(model, node), model.PlacementVersion, cancel);
    }

    private static bool Differs(ModelState model, NodeState node)
    {
        var held = (node.Heartbeat?.Shards ?? []).Where(s => s.Manifest == model.Publication.ManifestDigest).Select(s => s.Stage).Order();
        return !held.SequenceEqual(Wanted(model, node.Record.Node));
    }

    private static int[] Wanted(ModelState model, NodeId node) => [.. model.Placements.Where(p => p.Node == node).Select(p => p.Stage).Order()];

    private readonly record struct Sent(long Version, long At);
}
