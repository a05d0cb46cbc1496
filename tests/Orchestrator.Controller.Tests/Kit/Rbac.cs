using System.Text.Json.Nodes;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>A right: one verb on one resource.</summary>
internal readonly record struct Right(string Verb, string Group, string Resource)
{
    public override string ToString() => $"{Verb} {Resource}{(Group.Length == 0 ? "" : "." + Group)}";
}

/// <summary>The rules that the chart gives the controller.</summary>
internal static class Rbac
{
    public static HashSet<Right> Load() => [.. Read("controller-rules.yaml"), .. Read("controller-cluster-rules.yaml")];

    public static IEnumerable<Right> Read(string file) =>
        from rule in Yaml.Load($"charts/orchestrator/files/{file}").AsArray()
        from @group in Strings(rule!["apiGroups"]!)
        from resource in Strings(rule["resources"]!)
        from verb in Strings(rule["verbs"]!)
        select new Right(verb, @group, resource);

    private static IEnumerable<string> Strings(JsonNode list) => list.AsArray().Select(i => i?.GetValue<string>() ?? "");
}
