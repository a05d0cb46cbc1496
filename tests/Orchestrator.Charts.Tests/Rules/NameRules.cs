using System.Text.RegularExpressions;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Names and labels the API server takes; no object twice; every object of a namespace says which.</summary>
internal static partial class NameRules
{
    private static readonly string[] ClusterKinds = ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PriorityClass"];

    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests)
    {
        List<string> violations =
        [
            .. manifests.GroupBy(m => (m.ApiVersion, m.Kind, m.Namespace, m.Name)).Where(g => g.Count() > 1).Select(g => $"{g.First().Id} is there {g.Count()} times"),
            .. manifests.Where(m => !Name().IsMatch(m.Name) || m.Name.Length > 253).Select(m => $"{m.Id} has a name that is refused"),
            // Names of services and pods end up in DNS labels.
            .. manifests.Where(m => m.Kind is "Service" or "StatefulSet" or "Pod" && (m.Name.Length > 63 || m.Name.Contains('.'))).Select(m => $"{m.Id} has a name that is no DNS label"),
            .. manifests.Where(m => !ClusterKinds.Contains(m.Kind) && m.Namespace.Length == 0).Select(m => $"{m.Id} has no namespace"),
            .. manifests.Where(m => ClusterKinds.Contains(m.Kind) && m.Namespace.Length > 0).Select(m => $"{m.Id} has a namespace, but none can hold it"),
        ];
        foreach (var manifest in manifests)
        {
            foreach (var (key, value) in manifest.Root.Path("metadata", "labels").Pairs().Concat(manifest.PodTemplate.Path("metadata", "labels").Pairs()))
            {
                if (!Key().IsMatch(key) || !Value().IsMatch(value))
                    violations.Add($"{manifest.Id}: label '{key}: {value}' is refused");
            }
        }

        return [.. violations.Distinct()];
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
    private static partial Regex Name();

    [GeneratedRegex("^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex Key();

    [GeneratedRegex("^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$")]
    private static partial Regex Value();
}
