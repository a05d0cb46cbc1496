using Orchestrator.Contracts;

namespace Orchestrator.Core.Placement;

/// <summary>
/// Decides which node holds which stage: divide the live hosts into one group per chain (<see cref="HostGroups"/>), place a complete chain in
/// each (<see cref="ChainPlacement"/>), with fewer chains as long as one is incomplete; but keep what there is if it is as good, or gives chains that
/// are not found anew (<see cref="KeptPlacement"/>). Nodes not needed stay free. The same request gives the same plan, in whatever order nodes are listed; planning again
/// from its result changes nothing once it is loaded.
/// </summary>
public static class PlacementPlanner
{
    /// <summary>Plans a placement.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one chain is wanted.</exception>
    /// <exception cref="OverflowException">The manifest's sizes do not fit 64 bits.</exception>
    public static PlacementPlan Plan(PlacementRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.WantedChains, nameof(request));
        var nodes = Usable(request);
        if (nodes.Count == 0)
            return new([], 0, [NoNodes(request)]);

        int hosts = nodes.Select(n => n.Host).Distinct(StringComparer.Ordinal).Count();
        var problems = new List<PlacementProblem>();
        if (hosts < request.WantedChains)
        {
            problems.Add(new(PlacementProblemKind.TooFewHosts, null,
                $"{request.WantedChains} chains need {request.WantedChains} hosts, {hosts} are live: more nodes of the same host do not help."));
        }

        PlacementProblem? shortage = null;
        for (int chains = Math.Min(hosts, request.WantedChains); chains >= 1; chains--)
        {
            var placed = HostGroups.Divide(nodes, chains).Select(g => ChainPlacement.Place(request.Manifest, g)).ToList();
            List<PlacementNode>? fresh = placed.All(p => p.Unplaced is null) ? [.. placed.SelectMany(p => p.Nodes)] : null;
            var kept = KeptPlacement.Prune(request, nodes, chains);
            if ((kept is not null && (fresh is null || MostOnOneNode(kept) <= MostOnOneNode(fresh)) ? kept : fresh) is { } target)
                return new(WithPredecessors(request, nodes, target), chains, Merge(problems, shortage));
            shortage ??= Shortage(request.Manifest, placed.First(p => p.Unplaced is not null), chains);
        }

        return new([], 0, Merge(problems, shortage));
    }

    private static List<PlacementNode> Usable(PlacementRequest request)
    {
        var current = request.Current.ToLookup(p => p.Node, p => p.Stage);
        int stages = request.Manifest.Stages.Count;
        return [.. request.Nodes
            .Where(n => !request.Liveness.IsStale(n, request.Now) && !n.Heartbeat!.Draining && request.Reach.Admits(n, request.Now) && request.Standing.Bars(n.Standing, request.Now) is null)
            .OrderBy(n => n.Record.Node.Value, StringComparer.Ordinal)
            .Select(n =>
            {
                var failed = Enumerable.Range(0, stages).Where(s => n.ShardOf(request.ManifestDigest, s) == ShardState.Failed);
                var reported = Enumerable.Range(0, stages).Where(s => n.ShardOf(request.ManifestDigest, s) is not null);
                var held = reported.Union(current[n.Record.Node].Where(s => s >= 0 && s < stages)).Except(failed).ToHashSet();
                long free = n.Record.Capability.MemoryBytes - request.Reserved.GetValueOrDefault(n.Record.Node);
                return new PlacementNode(n.Record.Node, n.Record.Host, n.Record.Region, free, held);
            })];
    }

    /// <summary>
    /// Make before break: a stage that a node would lose is kept there, where it is ready and still fits, until every node that takes it over is ready.
    /// </summary>
    private static List<StagePlacement> WithPredecessors(PlacementRequest request, List<PlacementNode> usable, List<PlacementNode> target)
    {
        var states = request.Nodes.ToDictionary(n => n.Record.Node);
        bool Ready(NodeId node, int stage) => states[node].ShardOf(request.ManifestDigest, stage) == ShardState.Ready;

        var chosen = target.ToDictionary(n => n.Node);
        var wanted = chosen.Values.SelectMany(n => n.Stages.Select(s => new StagePlacement(n.Node, s))).ToHashSet();
        var takenOver = wanted.GroupBy(p => p.Stage).Where(g => g.All(p => Ready(p.Node, p.Stage))).Select(g => g.Key).ToHashSet();
        foreach (var node in usable)
        {
            foreach (int stage in node.Held.Order())
            {
                long bytes = ShardMemory.BytesOf(request.Manifest, stage);
                if (takenOver.Contains(stage) || !Ready(node.Node, stage) || chosen[node.Node].Free < bytes || !wanted.Add(new(node.Node, stage)))
                    continue;
                chosen[node.Node].Take(stage, bytes);
            }
        }

        return [.. wanted.OrderBy(p => p.Stage).ThenBy(p => p.Node.Value, StringComparer.Ordinal)];
    }

    private static int MostOnOneNode(List<PlacementNode> nodes) => nodes.Max(n => n.Stages.Count);

    private static PlacementProblem NoNodes(PlacementRequest request)
    {
        var live = request.Nodes.Where(n => !request.Liveness.IsStale(n, request.Now)).ToList();
        int barred = live.Count(n => request.Standing.Bars(n.Standing, request.Now) is not null);
        int unreached = live.Count(n => !request.Reach.Admits(n, request.Now));
        string why = (barred, unreached) switch
        {
            (0, 0) => "start workers, or wait for their heartbeats.",
            (_, 0) => $"{barred} live ones are jailed, distrusted or have too small a bond. Bond stake, or start other workers.",
            (0, _) => $"the platform does not reach {unreached} live ones at their stream endpoints. Correct the addresses their workers name, open the ports, or give them a relay.",
            _ => $"{barred} live ones are jailed, distrusted or have too small a bond, and the platform does not reach {unreached} at their stream endpoints.",
        };
        return new(PlacementProblemKind.NoNodes, null, $"No live node can take {request.Manifest.Name}: {why}");
    }

    private static PlacementProblem Shortage(ModelManifest manifest, (List<PlacementNode> Nodes, int? Unplaced) failed, int chains)
    {
        int stage = failed.Unplaced!.Value;
        return new(PlacementProblemKind.OutOfMemory, stage,
            $"Stage {stage} of {manifest.Name} needs {ShardMemory.BytesOf(manifest, stage)} bytes; with {chains} chains the most left on a node is {failed.Nodes.Max(n => n.Free)}: "
            + "add nodes or memory, cut the model into more stages, or want fewer chains.");
    }

    private static List<PlacementProblem> Merge(List<PlacementProblem> problems, PlacementProblem? shortage) =>
        shortage is null ? problems : [.. problems, shortage];
}
