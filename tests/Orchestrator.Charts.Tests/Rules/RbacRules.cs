using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Roles grant what was listed and nothing else; bindings bind what is there to whom is there.</summary>
internal sealed class RbacRules(IReadOnlySet<string> inNamespaces, IReadOnlySet<string> inCluster)
{
    public IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests)
    {
        var violations = new List<string>();
        foreach (var role in manifests.Where(m => m.Kind is "Role" or "ClusterRole"))
        {
            var granted = Grants(role.Root.At("rules")).ToHashSet();
            var listed = role.Kind == "Role" ? inNamespaces : inCluster;
            violations.AddRange(granted.Except(listed).Select(g => $"{role.Id} grants {g}, which nobody asked for"));
            violations.AddRange(listed.Except(granted).Select(g => $"{role.Id} does not grant {g}"));
            violations.AddRange(granted.Where(g => g.Contains('*')).Select(g => $"{role.Id} grants {g}: no wildcards"));
        }

        foreach (var binding in manifests.Where(m => m.Kind is "RoleBinding" or "ClusterRoleBinding"))
        {
            var role = binding.Root.At("roleRef");
            if (!manifests.Any(m => m.Kind == role.Text("kind") && m.Name == role.Text("name") && m.Namespace == (m.Kind == "Role" ? binding.Namespace : "")))
                violations.Add($"{binding.Id} binds {role.Text("kind")} {role.Text("name")}, which is not there");
            violations.AddRange(binding.Root.Items("subjects")
                .Where(s => !manifests.Any(m => m.Kind == s.Text("kind") && m.Name == s.Text("name") && m.Namespace == s.Text("namespace")))
                .Select(s => $"{binding.Id} is for {s.Text("kind")} {s.Text("name")}, which is not there"));
        }

        return violations;
    }

    /// <summary>Rules as <c>verb group/resource</c>.</summary>
    public static IEnumerable<string> Grants(YamlNode? rules) =>
        from rule in rules is YamlSequenceNode list ? list.Children : []
        from verb in rule.Texts("verbs")
        from grouping in rule.Texts("apiGroups")
        from resource in rule.Texts("resources")
        select $"{verb} {grouping}/{resource}";
}
