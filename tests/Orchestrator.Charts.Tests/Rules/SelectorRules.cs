using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>What selects pods selects some: a workload its own, everything else those of a workload.</summary>
internal static class SelectorRules
{
    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests) => [.. manifests.SelectMany(m => Violations(m, manifests))];

    // Kubernetes gives it to each pod of a StatefulSet.
    private const string PodName = "statefulset.kubernetes.io/pod-name";

    /// <summary>Manifests whose pods have these labels.</summary>
    public static IReadOnlyList<Manifest> Selected(YamlNode? selector, IReadOnlyList<Manifest> manifests)
    {
        var wanted = selector.Pairs().Where(p => p.Key != PodName).ToDictionary();
        string? one = selector.Text(PodName);
        return [.. manifests.Where(m => m.PodTemplate is { } pod && wanted.Matches(pod.Path("metadata", "labels").Pairs()) && (one is null || PodsOf(m).Contains(one)))];
    }

    /// <summary>The labels an object selects pods by; null when it selects none, or those that the controller makes, which are not in the chart.</summary>
    public static YamlNode? SelectorOf(Manifest manifest) => LabelsOf(manifest) is { } labels && labels.Text("app.kubernetes.io/managed-by") != "orchestrator-controller" ? labels : null;

    /// <summary>The labels an object selects pods by; null when it selects none.</summary>
    public static YamlNode? LabelsOf(Manifest manifest) => manifest.Kind switch
    {
        "Service" => manifest.Root.Path("spec", "selector"),
        "PodDisruptionBudget" or "PodMonitor" => manifest.Root.Path("spec", "selector", "matchLabels"),
        "NetworkPolicy" => manifest.Root.Path("spec", "podSelector", "matchLabels"),
        _ => null,
    };

    private static IEnumerable<string> PodsOf(Manifest manifest) =>
        manifest.Kind == "StatefulSet" && int.TryParse(manifest.Root.At("spec").Text("replicas") ?? "1", out int replicas) ? Enumerable.Range(0, replicas).Select(i => $"{manifest.Name}-{i}") : [];

    private static IEnumerable<string> Violations(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        if (manifest.Kind is "Deployment" or "StatefulSet")
        {
            var selector = manifest.Root.Path("spec", "selector", "matchLabels").Pairs();
            if (!selector.Matches(manifest.PodTemplate.Path("metadata", "labels").Pairs()))
                yield return $"{manifest.Id} does not select its own pods";
            foreach (var other in manifests.Where(m => m != manifest && m.Kind is "Deployment" or "StatefulSet" && m.Name != manifest.Name))
            {
                if (selector.Matches(other.PodTemplate.Path("metadata", "labels").Pairs()))
                    yield return $"{manifest.Id} selects the pods of {other.Id} too";
            }
        }

        if (manifest.Kind == "StatefulSet" && !manifests.Any(m => m.Kind == "Service" && m.Name == manifest.Root.At("spec").Text("serviceName")))
            yield return $"{manifest.Id} names a service that is not there";
        if (SelectorOf(manifest) is { } selected && Selected(selected, manifests).Count == 0)
            yield return $"{manifest.Id} selects no pods";
        if (manifest.Kind is "Service" or "PodDisruptionBudget" && SelectorOf(manifest) is { } one && Selected(one, manifests).Count(m => m.Kind != "Pod") > 1)
            yield return $"{manifest.Id} selects pods of several workloads";
        var target = manifest.Root.Path("spec", "scaleTargetRef");
        if (target is not null && !manifests.Any(m => m.Name == target.Text("name") && m.Kind == (target.Text("kind") ?? "Deployment")))
            yield return $"{manifest.Id} scales {target.Text("name")}, which is not there";
    }
}
