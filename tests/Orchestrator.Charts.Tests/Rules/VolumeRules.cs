using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Every mount has its volume, every volume a mount, no two share a path.</summary>
internal static class VolumeRules
{
    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests)
    {
        var violations = new List<string>();
        foreach (var manifest in manifests.Where(m => m.PodTemplate is not null))
        {
            var spec = manifest.PodTemplate.At("spec");
            List<string> volumes =
            [
                .. spec.Items("volumes").Select(v => v.Text("name") ?? ""),
                .. manifest.Root.At("spec").Items("volumeClaimTemplates").Select(v => v.At("metadata").Text("name") ?? ""),
            ];
            var mounts = manifest.PodTemplate.Containers().SelectMany(c => c.Items("volumeMounts").Select(m => (Container: c.Text("name"), Name: m.Text("name") ?? "", Path: m.Text("mountPath") ?? ""))).ToList();
            violations.AddRange(mounts.Where(m => !volumes.Contains(m.Name)).Select(m => $"{manifest.Id} mounts {m.Name}, which is no volume of it"));
            violations.AddRange(volumes.Where(v => mounts.All(m => m.Name != v)).Select(v => $"{manifest.Id} has volume {v}, which nothing mounts"));
            violations.AddRange(volumes.GroupBy(v => v).Where(g => g.Count() > 1).Select(g => $"{manifest.Id} has volume {g.Key} twice"));
            violations.AddRange(mounts.GroupBy(m => (m.Container, m.Path)).Where(g => g.Count() > 1).Select(g => $"{manifest.Id} mounts two volumes at {g.Key.Path}"));
            violations.AddRange(spec.Items("volumes").Where(v => v.At("emptyDir") is { } empty && empty.Text("sizeLimit") is null).Select(v => $"{manifest.Id} has volume {v.Text("name")} without a limit"));
        }

        return violations;
    }
}
