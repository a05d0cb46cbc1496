using System.Globalization;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>A pod's grace period is longer than everything that happens in it.</summary>
internal static class DrainRules
{
    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests)
    {
        var violations = new List<string>();
        foreach (var manifest in manifests.Where(m => m.PodTemplate is not null && m.Kind != "Pod"))
        {
            int grace = Seconds(manifest.PodTemplate.At("spec").Text("terminationGracePeriodSeconds")) ?? 30;
            int preStop = manifest.PodTemplate.Containers().Max(c => Seconds(c.Path("lifecycle", "preStop", "sleep").Text("seconds")) ?? 0);
            string? drain = PodEnvironment.Of(manifest, manifests).GetValueOrDefault("Worker__DrainGrace");
            double wait = drain is null ? 0 : TimeSpan.Parse(drain, CultureInfo.InvariantCulture).TotalSeconds;
            if (grace <= preStop + wait)
                violations.Add($"{manifest.Id} is killed after {grace} s, in the middle of a stop of {preStop} s and a drain of {wait} s");
        }

        return violations;
    }

    private static int? Seconds(string? text) => text is null ? null : int.Parse(text, CultureInfo.InvariantCulture);
}
