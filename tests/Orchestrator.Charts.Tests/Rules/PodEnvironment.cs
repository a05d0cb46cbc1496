using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>The environment of a pod's main container, ConfigMaps first, as the program sees it.</summary>
internal static class PodEnvironment
{
    /// <summary>Names and values; what the cluster fills in has a sample.</summary>
    public static IReadOnlyDictionary<string, string> Of(Manifest manifest, IReadOnlyList<Manifest> manifests)
    {
        var container = manifest.PodTemplate.Containers().Last();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string? name in container.Items("envFrom").Select(e => e.At("configMapRef").Text("name")))
        {
            foreach (var (key, value) in manifests.First(m => m.Kind == "ConfigMap" && m.Name == name).Root.At("data").Pairs())
                environment[key] = value;
        }

        foreach (var item in container.Items("env"))
            environment[item.Text("name") ?? ""] = Value(item, environment);
        return environment;
    }

    /// <summary>Names that the container's own list has twice, where the last would win.</summary>
    public static IReadOnlyList<string> Twice(Manifest manifest) =>
        [.. manifest.PodTemplate.Containers().SelectMany(c => c.Items("env").Select(e => e.Text("name") ?? "").GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key))];

    private static string Value(YamlNode item, Dictionary<string, string> before)
    {
        string? text = item.Text("value") ?? item.Path("valueFrom", "fieldRef").Text("fieldPath") switch
        {
            "status.podIP" => "10.1.2.3",
            "metadata.namespace" => "ai",
            "metadata.name" => "demo-0",
            null => "from-a-secret",
            var other => throw new InvalidDataException($"no sample for field {other}"),
        };
        return before.Aggregate(text, (at, known) => at.Replace($"$({known.Key})", known.Value, StringComparison.Ordinal));
    }
}
