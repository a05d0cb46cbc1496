using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>The restricted Pod Security Standard, and what we ask on top: no token that is not used, bounded memory, a read-only root but where it is excused.</summary>
internal sealed class PodSecurityRules(params string[] mayWriteRoot)
{
    private static readonly string[] Volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    public IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests) =>
        [.. manifests.Where(m => m.PodTemplate is not null).SelectMany(m => Violations(m, manifests).Select(v => $"{m.Id} {v}"))];

    private IEnumerable<string> Violations(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        var spec = manifest.PodTemplate.At("spec");
        foreach (string share in new[] { "hostNetwork", "hostPID", "hostIPC" })
        {
            if (spec.Text(share) is not (null or "false"))
                yield return $"uses {share}";
        }

        foreach (var volume in spec.Items("volumes"))
        {
            string? kind = volume.Entries().Select(e => e.Key).FirstOrDefault(k => k != "name");
            if (!Volumes.Contains(kind))
                yield return $"has a volume of kind {kind}";
        }

        bool token = spec.Text("automountServiceAccountToken") != "false";
        if (token && !manifests.Any(m => m.Kind is "RoleBinding" or "ClusterRoleBinding" && m.Root.Items("subjects").Any(s => s.Text("name") == spec.Text("serviceAccountName"))))
            yield return "mounts a token of an account that has no rights";
        foreach (var container in manifest.PodTemplate.Containers())
        {
            foreach (string violation in Violations(container, spec.At("securityContext")))
                yield return $"container {container.Text("name")} {violation}";
            if (container.At("securityContext").Text("readOnlyRootFilesystem") != "true" && !mayWriteRoot.Contains(container.Text("name")))
                yield return $"container {container.Text("name")} may write to its root";
        }
    }

    private static IEnumerable<string> Violations(YamlNode container, YamlNode? pod)
    {
        var own = container.At("securityContext");
        if ((own.Text("runAsNonRoot") ?? pod.Text("runAsNonRoot")) != "true")
            yield return "may run as root";
        if ((own.Text("runAsUser") ?? pod.Text("runAsUser")) is null or "0")
            yield return "has no user, or root";
        if ((own.At("seccompProfile").Text("type") ?? pod.At("seccompProfile").Text("type")) is not ("RuntimeDefault" or "Localhost"))
            yield return "has no seccomp profile";
        if (own.Text("allowPrivilegeEscalation") != "false")
            yield return "may escalate privileges";
        if (own.Text("privileged") is not (null or "false"))
            yield return "is privileged";
        if (!own.At("capabilities").Texts("drop").Contains("ALL"))
            yield return "keeps capabilities";
        if (own.At("capabilities").Texts("add").Any(c => c != "NET_BIND_SERVICE"))
            yield return "adds capabilities";
        if (container.Items("ports").Any(p => p.Text("hostPort") is not null))
            yield return "takes a port of the machine";
        if (container.Path("resources", "limits").Text("memory") is null)
            yield return "has no memory limit";
    }
}
