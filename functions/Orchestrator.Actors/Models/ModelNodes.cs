using System.Collections.Immutable;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Models;

/// <summary>
/// What a model remembers of nodes. Anybody may claim a shard, and a stored document must stay below 4 MiB: a node counts with the shards of this manifest
/// only, and of the nodes without a placement there are only so many. Those with a placement always fit.
/// </summary>
internal static class ModelNodes
{
    /// <summary>Most nodes of a model that hold a stage without being placed there.</summary>
    public const int MostUnplaced = 256;

    /// <summary>Most stages of a node beyond those it is placed on.</summary>
    public const int MostOtherStages = 16;

    /// <summary>A node with what its heartbeat says of this model; the same object when that is all it says.</summary>
    public static NodeState Slim(NodeState node, ModelPublication publication, IReadOnlySet<int> wanted)
    {
        if (node.Heartbeat is not { } heartbeat)
            return node;
        ShardStatus[] shards = [.. heartbeat.Shards.Where(s => s.Manifest == publication.ManifestDigest && (uint)s.Stage < (uint)publication.Manifest.Stages.Count)
            .DistinctBy(s => s.Stage)
            .OrderByDescending(s => wanted.Contains(s.Stage))
            .Take(wanted.Count + MostOtherStages)
            .Select(s => s with { Error = null })];
        bool same = shards.Length == heartbeat.Shards.Count && heartbeat.Shards.All(s => s.Error is null);
        return same ? node : node with { Heartbeat = heartbeat with { Shards = shards } };
    }

    /// <summary>Ids of the nodes without a placement that are too many. Who bonded stays first, then who is heard, then who was there before.</summary>
    public static IEnumerable<string> Excess(
        ImmutableDictionary<string, NodeState> nodes, ImmutableDictionary<string, NodeState> before, IReadOnlySet<string> placed, Liveness liveness, DateTimeOffset now) =>
        nodes.Where(n => !placed.Contains(n.Key))
            .OrderByDescending(n => n.Value.Standing?.Bonded ?? 0)
            .ThenBy(n => liveness.IsStale(n.Value, now))
            .ThenByDescending(n => before.ContainsKey(n.Key))
            .ThenBy(n => n.Key, StringComparer.Ordinal)
            .Skip(MostUnplaced)
            .Select(n => n.Key);
}
