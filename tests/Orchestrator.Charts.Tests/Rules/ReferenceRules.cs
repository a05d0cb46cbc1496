using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Secrets, ConfigMaps, claims and accounts that are named are made here, key by key, or declared as somebody else's.</summary>
internal sealed class ReferenceRules(IReadOnlyDictionary<string, string[]> externalSecrets, IReadOnlyList<string> externalObjects)
{
    public IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests)
    {
        var violations = manifests.SelectMany(m => Violations(m, manifests)).ToList();
        var named = manifests.SelectMany(Secrets).Select(s => s.Name).ToHashSet();
        violations.AddRange(externalSecrets.Keys.Where(s => !named.Contains(s)).Select(s => $"secret {s} is declared as somebody else's, but nothing names it"));
        return violations;
    }

    private IEnumerable<string> Violations(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        foreach (var (name, key) in Secrets(manifest))
        {
            bool known = externalSecrets.TryGetValue(name, out string[]? keys)
                ? key is null || keys.Contains(key) || keys.Contains("*")
                : (Find(manifests, "Secret", name) is { } secret && (key is null || secret.Root.At("data").At(key) is not null)) || IsIssued(manifests, name, key);
            if (!known)
                yield return $"{manifest.Id} needs secret {name}, key {key ?? "any"}: it is neither made nor declared";
        }

        var pod = manifest.PodTemplate;
        foreach (string? name in pod.Containers().SelectMany(c => c.Items("envFrom")).Select(e => e.At("configMapRef").Text("name"))
            .Concat(pod.At("spec").Items("volumes").Select(v => v.At("configMap").Text("name"))).Where(n => n is not null))
        {
            if (Find(manifests, "ConfigMap", name!) is null)
                yield return $"{manifest.Id} needs ConfigMap {name}, which is not there";
        }

        foreach (var (kind, name) in new[]
        {
            ("ServiceAccount", pod.At("spec").Text("serviceAccountName")), ("PriorityClass", pod.At("spec").Text("priorityClassName")),
            ("RuntimeClass", pod.At("spec").Text("runtimeClassName")),
        }.Concat(pod.At("spec").Items("volumes").Select(v => ("PersistentVolumeClaim", v.At("persistentVolumeClaim").Text("claimName"))))
            .Concat(pod.At("spec").Items("resourceClaims").Select(c => ("ResourceClaimTemplate", c.Text("resourceClaimTemplateName")))))
        {
            if (name is not null && name != "default" && Find(manifests, kind, name) is null && !externalObjects.Contains($"{kind}/{name}"))
                yield return $"{manifest.Id} needs {kind} {name}: it is neither made nor declared";
        }
    }

    private static bool IsIssued(IReadOnlyList<Manifest> manifests, string name, string? key) =>
        key is null or "tls.crt" or "tls.key" && manifests.Any(m => m.Kind == "Certificate" && m.Root.At("spec").Text("secretName") == name);

    private static Manifest? Find(IReadOnlyList<Manifest> manifests, string kind, string name) => manifests.FirstOrDefault(m => m.Kind == kind && m.Name == name);

    /// <summary>Every secret an object names, with the key where it asks for one.</summary>
    private static IEnumerable<(string Name, string? Key)> Secrets(Manifest manifest)
    {
        foreach (var map in manifest.Root.Below().OfType<YamlMappingNode>())
        {
            if (map.At("secretKeyRef") is YamlMappingNode reference)
                yield return (reference.Text("name") ?? "", reference.Text("key"));
            if (map.At("secret") is YamlMappingNode volume && volume.Text("secretName") is { } name)
            {
                foreach (string? key in volume.Items("items").Select(i => i.Text("key")).DefaultIfEmpty(null))
                    yield return (name, key);
            }
        }

        foreach (var target in manifest.Root.At("spec").Items("secretTargetRef"))
            yield return (target.Text("name") ?? "", target.Text("key"));
        if (manifest.Kind == "Ingress")
        {
            foreach (var tls in manifest.Root.At("spec").Items("tls"))
                yield return (tls.Text("secretName") ?? "", "tls.crt");
        }

        foreach (var (key, value) in manifest.PodTemplate.Path("metadata", "annotations").Pairs())
        {
            if (key is "dapr.io/api-token-secret" or "dapr.io/app-token-secret")
                yield return (value, "token");
        }
    }
}
