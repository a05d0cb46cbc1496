namespace Orchestrator.Core.Placement;

/// <summary>
/// Divides hosts into as many groups as there are to be chains. Hosts that hold stages go where those stages are missing, so that a
/// chain that exists stays one; the others, largest first, to the group with the fewest nodes, in its region if there is a choice.
/// </summary>
internal static class HostGroups
{
    public static List<List<PlacementNode>> Divide(IReadOnlyList<PlacementNode> nodes, int groups)
    {
        var result = Enumerable.Range(0, groups).Select(_ => new List<PlacementNode>()).ToList();
        var hosts = nodes.GroupBy(n => n.Host, StringComparer.Ordinal)
            .Select(g => (Nodes: g.ToList(), Held: g.SelectMany(n => n.Held).ToHashSet(), Memory: g.Sum(n => (double)n.Free), Host: g.Key))
            .OrderByDescending(h => h.Held.Count)
            .ThenByDescending(h => h.Nodes.Count)
            .ThenByDescending(h => h.Memory)
            .ThenBy(h => h.Host, StringComparer.Ordinal)
            .ToList();
        int empty = groups;
        for (int i = 0; i < hosts.Count; i++)
        {
            var host = hosts[i];
            // No group may stay empty.
            bool fillEmpty = hosts.Count - i <= empty;
            var best = result
                .Where(g => !fillEmpty || g.Count == 0)
                .OrderByDescending(g => host.Held.Count(s => !g.Any(n => n.Held.Contains(s))))
                .ThenBy(g => g.Count)
                .ThenByDescending(g => g.Count(n => host.Nodes.Any(o => o.Region == n.Region)))
                .First();
            if (best.Count == 0)
                empty--;
            best.AddRange(host.Nodes);
        }

        return result;
    }
}
