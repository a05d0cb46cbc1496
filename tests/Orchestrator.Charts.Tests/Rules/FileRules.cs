using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Files and folders that the environment names are where something is mounted, and files of secrets and ConfigMaps are among those mounted.</summary>
internal static class FileRules
{
    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests) =>
        [.. manifests.Where(m => m.Kind is "Deployment" or "StatefulSet").SelectMany(m => Violations(m, manifests))];

    private static IEnumerable<string> Violations(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        var container = manifest.PodTemplate.Containers().Last();
        var mounts = container.Items("volumeMounts").Select(m => (Path: m.Text("mountPath") ?? "", Name: m.Text("name"))).ToList();
        var paths = PodEnvironment.Of(manifest, manifests).Where(e => e.Value.StartsWith('/')).Select(e => (Owner: e.Key, Path: e.Value))
            .Concat(container.Texts("args").Where(a => a.StartsWith('/')).Select(a => (Owner: "args", Path: a)));
        foreach (var (owner, path) in paths)
        {
            var mount = mounts.Where(m => path == m.Path || path.StartsWith(m.Path + "/", StringComparison.Ordinal)).OrderByDescending(m => m.Path.Length).FirstOrDefault();
            if (mount.Name is null)
            {
                yield return $"{manifest.Id}: {owner} names {path}, where nothing is mounted";
                continue;
            }

            var volume = manifest.PodTemplate.At("spec").Items("volumes").FirstOrDefault(v => v.Text("name") == mount.Name);
            if (Files(volume, manifests) is { } files && !files.Contains(path[(mount.Path.Length + 1)..]))
                yield return $"{manifest.Id}: {owner} names {path}, but volume {mount.Name} holds {string.Join(", ", files)}";
        }
    }

    /// <summary>The files of a volume; null where pods write them or nobody can tell.</summary>
    private static List<string>? Files(YamlNode? volume, IReadOnlyList<Manifest> manifests)
    {
        if (volume.At("secret") is { } secret && secret.Items("items").Any())
            return [.. secret.Items("items").Select(i => i.Text("path") ?? "")];
        return volume.At("configMap").Text("name") is { } name ? [.. manifests.First(m => m.Kind == "ConfigMap" && m.Name == name).Root.At("data").Pairs().Keys] : null;
    }
}
