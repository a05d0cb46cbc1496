using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Placement;

/// <summary>
/// The current placement as a candidate for the next: what of it lies on usable nodes and fits, without what its chains do not need. It is kept when a
/// fresh plan would give no more chains and spread them no better, so shards move only for a reason.
/// </summary>
internal static class KeptPlacement
{
    /// <summary>The stages each node keeps, or null when they do not make that many chains.</summary>
    public static List<PlacementNode>? Prune(PlacementRequest request, IReadOnlyList<PlacementNode> usable, int chains)
    {
        var current = request.Current.ToHashSet();
        var nodes = usable.Select(n => n.Copy()).ToList();
        foreach (var node in nodes)
        {
            foreach (int stage in node.Held.Order().Where(s => current.Contains(new(node.Node, s))))
            {
                long bytes = ShardMemory.BytesOf(request.Manifest, stage);
                if (bytes > node.Free)
                    return null;
                node.Take(stage, bytes);
            }
        }

        var states = request.Nodes.ToDictionary(n => n.Record.Node);
        if (!Gives(request, states, nodes, chains))
            return null;

        // From the fullest node first: what is dropped should make room where it is scarce.
        foreach (var node in nodes.OrderByDescending(n => n.Stages.Count).ThenBy(n => n.Node.Value, StringComparer.Ordinal))
        {
            foreach (int stage in node.Stages.ToList())
            {
                long bytes = ShardMemory.BytesOf(request.Manifest, stage);
                node.Drop(stage, bytes);
                if (!Gives(request, states, nodes, chains))
                    node.Take(stage, bytes);
            }
        }

        return nodes;
    }

    private static bool Gives(PlacementRequest request, Dictionary<NodeId, NodeState> states, List<PlacementNode> nodes, int chains)
    {
        var byStage = Enumerable.Range(0, request.Manifest.Stages.Count)
            .Select(IReadOnlyList<NodeState> (stage) => [.. nodes.Where(n => n.Stages.Contains(stage)).Select(n => states[n.Node])]);
        return new DisjointChainSearch([.. byStage], chains).Find() is not null;
    }
}
