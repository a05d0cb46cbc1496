using Orchestrator.Contracts;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>What the platform should want of a model's nodes. The controller adds and removes its own; what others placed stays.</summary>
public static class PlacementRules
{
    /// <summary>The placement to send; null when the platform has it already.</summary>
    /// <param name="platform">The model as the platform has it.</param>
    /// <param name="before">Nodes of the last status: those that are gone are taken out.</param>
    /// <param name="now">Nodes of every stage.</param>
    public static IReadOnlyList<NodePlacement>? Change(PlatformModel platform, IEnumerable<PodNode> before, IReadOnlyList<IReadOnlyList<PodNode>> now)
    {
        var wanted = now.SelectMany((nodes, stage) => nodes.Select(n => Parse(n) is { } node ? new NodePlacement(node, stage) : null)).OfType<NodePlacement>().ToHashSet();
        var own = before.Select(Parse).OfType<NodeId>().Concat(wanted.Select(w => w.Node)).ToHashSet();
        var current = platform.Stages.SelectMany(s => s.Nodes.Where(n => n.Wanted).Select(n => new NodePlacement(n.Node, s.Stage))).ToHashSet();
        wanted.UnionWith(current.Where(c => !own.Contains(c.Node)));
        return wanted.SetEquals(current) ? null : [.. wanted.OrderBy(w => w.Stage).ThenBy(w => w.Node.Value, StringComparer.Ordinal)];
    }

    private static NodeId? Parse(PodNode node) => NodeId.TryParse(node.Node, out var id) ? id : null;
}
