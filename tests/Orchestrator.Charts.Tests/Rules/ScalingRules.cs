using System.Globalization;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>One thing sets the number of pods, and a budget leaves room for a drain.</summary>
internal static class ScalingRules
{
    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests)
    {
        var violations = new List<string>();
        foreach (var workload in manifests.Where(m => m.Kind is "Deployment" or "StatefulSet"))
        {
            var scalers = manifests.Where(m => m.Root.Path("spec", "scaleTargetRef").Text("name") == workload.Name).ToList();
            string? replicas = workload.Root.At("spec").Text("replicas");
            if (scalers.Count > 1)
                violations.Add($"{workload.Id} is scaled by {string.Join(" and ", scalers.Select(s => s.Id))}");
            if (scalers.Count > 0 && replicas is not null)
                violations.Add($"{workload.Id} says replicas, though {scalers[0].Id} scales it: every upgrade would set it back");
            if (scalers.Count == 0 && replicas is null)
                violations.Add($"{workload.Id} says no replicas, and nothing scales it");
            int least = Number(scalers.Count == 0 ? replicas : scalers[0].Root.At("spec").Text("minReplicas") ?? scalers[0].Root.At("spec").Text("minReplicaCount")) ?? 1;
            foreach (var budget in manifests.Where(m => m.Kind == "PodDisruptionBudget" && SelectorRules.Selected(SelectorRules.SelectorOf(m), [workload]).Count > 0))
            {
                var spec = budget.Root.At("spec");
                if (Number(spec.Text("minAvailable")) is { } available && available >= least)
                    violations.Add($"{budget.Id} lets no pod of {workload.Id} go: no machine could be drained");
                if (Number(spec.Text("maxUnavailable")) is { } missing && (missing == 0 || missing >= least))
                    violations.Add($"{budget.Id} allows {missing} of {least} pods of {workload.Id} to go");
            }
        }

        return violations;
    }

    private static int? Number(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
