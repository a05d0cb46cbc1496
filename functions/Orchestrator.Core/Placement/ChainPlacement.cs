using Orchestrator.Contracts;

namespace Orchestrator.Core.Placement;

/// <summary>
/// Gives every stage of one chain to a node of one group: first what is held already, then neighbours together, each node as few as its share. When that
/// does not fit, the largest stages go first, each to the node with the most room. Neither is an exact bin packing: a placement that
/// only an exact packing finds is missed and reported as out of memory.
/// </summary>
internal static class ChainPlacement
{
    /// <summary>The nodes with their stages, or the stage that found no room.</summary>
    public static (List<PlacementNode> Nodes, int? Unplaced) Place(ModelManifest manifest, IReadOnlyList<PlacementNode> group)
    {
        var balanced = Balanced(manifest, group);
        if (balanced.Unplaced is null)
            return balanced;
        var tight = LargestFirst(manifest, group);
        return tight.Unplaced is null ? tight : balanced;
    }

    private static (List<PlacementNode> Nodes, int? Unplaced) Balanced(ModelManifest manifest, IReadOnlyList<PlacementNode> group)
    {
        var nodes = Copy(group);
        int stages = manifest.Stages.Count;
        int share = (stages + nodes.Count - 1) / Math.Max(1, nodes.Count);
        var open = new SortedSet<int>(Enumerable.Range(0, stages));

        // The node that holds fewest chooses first, so that one that holds all leaves to the others what only they would have to load.
        foreach (var node in nodes.OrderBy(n => n.Held.Count).ThenBy(n => n.Node.Value, StringComparer.Ordinal))
        {
            foreach (int stage in node.Held.Order().Where(open.Contains).ToList())
            {
                long bytes = ShardMemory.BytesOf(manifest, stage);
                if (node.Stages.Count < share && bytes <= node.Free)
                {
                    node.Take(stage, bytes);
                    open.Remove(stage);
                }
            }
        }

        foreach (int stage in open.ToList())
        {
            long bytes = ShardMemory.BytesOf(manifest, stage);
            var best = nodes.Where(n => bytes <= n.Free)
                .OrderBy(n => n.Stages.Count < share ? 0 : 1)
                .ThenBy(n => n.Stages.Contains(stage - 1) ? 0 : 1)
                .ThenBy(n => n.Stages.Count)
                .ThenByDescending(n => n.Free)
                .ThenBy(n => n.Node.Value, StringComparer.Ordinal)
                .FirstOrDefault();
            if (best is null)
                return (nodes, stage);
            best.Take(stage, bytes);
        }

        return (nodes, null);
    }

    private static (List<PlacementNode> Nodes, int? Unplaced) LargestFirst(ModelManifest manifest, IReadOnlyList<PlacementNode> group)
    {
        var nodes = Copy(group);
        foreach (int stage in Enumerable.Range(0, manifest.Stages.Count).OrderByDescending(s => ShardMemory.BytesOf(manifest, s)).ThenBy(s => s))
        {
            long bytes = ShardMemory.BytesOf(manifest, stage);
            var best = nodes.Where(n => bytes <= n.Free)
                .OrderBy(n => n.Held.Contains(stage) ? 0 : 1)
                .ThenByDescending(n => n.Free)
                .ThenBy(n => n.Node.Value, StringComparer.Ordinal)
                .FirstOrDefault();
            if (best is null)
                return (nodes, stage);
            best.Take(stage, bytes);
        }

        return (nodes, null);
    }

    private static List<PlacementNode> Copy(IReadOnlyList<PlacementNode> group) => [.. group.Select(n => n.Copy())];
}
