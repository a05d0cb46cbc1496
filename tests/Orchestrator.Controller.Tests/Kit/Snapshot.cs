using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>All that a controller leaves behind, in the cluster and on the platform, one line for every field; without what differs from run to run.</summary>
internal static class Snapshot
{
    private static readonly ResourceKind[] Kept = [Kinds.Models, Kinds.StatefulSets, Kinds.DisruptionBudgets, Kinds.Services, Kinds.ServiceAccounts, Kinds.Pods];
    private static readonly string[] Own = ["creationTimestamp", "generation", "observedGeneration", "lastTransitionTime", "placementVersion", "podIP"];

    public static HashSet<string> Of(World world, params string[] models)
    {
        var items = Kept.SelectMany(kind => world.Cluster.List(kind, World.Namespace).Items.Select(item => (Title: $"{kind.Kind} {item["metadata"]!["name"]}", Item: item))).ToList();
        var cluster =
            from item in items
            from field in Fields.Of(item.Item)
            where !Own.Contains(field.Key[(field.Key.LastIndexOf('/') + 1)..])
            select $"{item.Title}: {field.Key} = {field.Value?.ToJsonString()}";
        // By name: an owner that is gone keeps its id, and so differs.
        var named = cluster.Select(line => items.Aggregate(line, (text, owner) => text.Replace(owner.Item["metadata"]!["uid"]!.GetValue<string>(), owner.Title, StringComparison.Ordinal)));
        var placed = from model in models from p in world.Platform.PlacementsOf(model) select Placed(model, p.Node.Value, p.Stage);
        return [.. named, .. placed];
    }

    public static string Placed(string model, string node, int stage) => $"{model}: stage {stage} on {node}";
}
