using System.Collections.Immutable;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;

namespace Orchestrator.Actors.Models;

/// <summary>What a model actor stores. Every change gives the next document, or the same object when there is nothing new.</summary>
/// <param name="Version">Rises with every change.</param>
/// <param name="Publication">The manifest.</param>
/// <param name="PlacementVersion">Rises with every change of placement, over publications too.</param>
/// <param name="Placements">Wanted, sorted by stage and node.</param>
/// <param name="Nodes">Nodes that hold or should hold a stage, by id, within the bounds of <see cref="ModelNodes"/>.</param>
internal sealed record ModelDocument(
    long Version,
    ModelPublication Publication,
    long PlacementVersion,
    IReadOnlyList<StagePlacement> Placements,
    ImmutableDictionary<string, NodeState> Nodes)
{
    public static ModelDocument Publish(ModelDocument? document, ModelPublication publication)
    {
        if (document is null)
            return new(1, publication, 0, [], ImmutableDictionary<string, NodeState>.Empty);
        bool news = publication.ManifestDigest != document.Publication.ManifestDigest && publication.PublishedAt > document.Publication.PublishedAt;
        return !news ? document : document with
        {
            Version = document.Version + 1,
            Publication = publication,
            PlacementVersion = document.PlacementVersion + 1,
            Placements = [],
            Nodes = document.Nodes.Clear(),
        };
    }

    public ModelDocument Place(IReadOnlyList<StagePlacement> placements)
    {
        int stages = Publication.Manifest.Stages.Count;
        if (placements.FirstOrDefault(p => p.Stage < 0 || p.Stage >= stages) is { } wrong)
            throw new ArgumentException($"Stage {wrong.Stage} does not exist: {Publication.Manifest.Name} has {stages}.", nameof(placements));
        StagePlacement[] sorted = [.. placements.Distinct().OrderBy(p => p.Stage).ThenBy(p => p.Node.Value, StringComparer.Ordinal)];
        return sorted.SequenceEqual(Placements) ? this : this with
        {
            Version = Version + 1,
            PlacementVersion = PlacementVersion + 1,
            Placements = sorted,
        };
    }

    /// <summary>Takes a node in, or out when it has nothing to do with the model any more, and drops those silent for long and those too many.</summary>
    public ModelDocument Report(NodeState node, Liveness liveness, DateTimeOffset now)
    {
        string id = node.Record.Node.Value;
        var wanted = Placements.ToLookup(p => p.Node.Value, p => p.Stage);
        // Documents stored before these bounds have nodes with all they claimed.
        var nodes = Nodes.SetItems(Nodes.Select(n => KeyValuePair.Create(n.Key, Slim(n.Value))).Where(n => !ReferenceEquals(n.Value, Nodes[n.Key])));
        if (!nodes.TryGetValue(id, out var known) || IsNewer(node, known))
        {
            var slim = Slim(node);
            nodes = wanted.Contains(id) || slim.Heartbeat?.Shards.Count > 0 ? nodes.SetItem(id, slim) : nodes.Remove(id);
        }

        nodes = nodes.RemoveRange(nodes.Where(n => liveness.IsForgotten(n.Value, now)).Select(n => n.Key));
        nodes = nodes.RemoveRange(ModelNodes.Excess(nodes, Nodes, wanted.Select(w => w.Key).ToHashSet(), liveness, now));
        bool same = nodes.Count == Nodes.Count && nodes.All(n => Nodes.TryGetValue(n.Key, out var before) && ReferenceEquals(n.Value, before));
        return same ? this : this with { Version = Version + 1, Nodes = nodes };

        NodeState Slim(NodeState reported) => ModelNodes.Slim(reported, Publication, wanted[reported.Record.Node.Value].ToHashSet());
    }

    public ModelState ToState() => new(Publication, PlacementVersion, Placements, [.. Nodes.OrderBy(n => n.Key, StringComparer.Ordinal).Select(n => n.Value)]);

    private static bool IsNewer(NodeState node, NodeState known) =>
        node.Record.IssuedAt >= known.Record.IssuedAt
        && (node.Heartbeat?.Sequence ?? long.MinValue) >= (known.Heartbeat?.Sequence ?? long.MinValue)
        && node.LastSeen >= known.LastSeen
        && (node.Standing?.Version ?? 0) >= (known.Standing?.Version ?? 0)
        && (node.DoorProvenAt ?? DateTimeOffset.MinValue) >= (known.DoorProvenAt ?? DateTimeOffset.MinValue)
        && (node.OwesUntil ?? DateTimeOffset.MinValue) >= (known.OwesUntil ?? DateTimeOffset.MinValue)
        && node != known;
}
