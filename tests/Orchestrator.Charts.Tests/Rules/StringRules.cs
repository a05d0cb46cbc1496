using System.Text.RegularExpressions;
using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>Labels, annotations, environment and data of ConfigMaps are strings: an unquoted number or switch is refused by the cluster, not by its client.</summary>
internal static partial class StringRules
{
    private static readonly string[] Maps = ["labels", "annotations", "matchLabels", "nodeSelector"];

    public static IReadOnlyList<string> Violations(IReadOnlyList<Manifest> manifests) => [.. manifests.SelectMany(Violations)];

    private static IEnumerable<string> Violations(Manifest manifest)
    {
        foreach (var map in manifest.Root.Below().OfType<YamlMappingNode>())
        {
            foreach (string name in Maps)
                foreach (var (key, value) in map.At(name).Entries().Where(e => !IsString(e.Value)))
                    yield return $"{manifest.Id}: {name} '{key}' is not a string: {value}";
        }

        if (manifest.Kind is "ConfigMap" or "Secret")
        {
            foreach (string name in new[] { "data", "stringData" })
                foreach (var (key, value) in manifest.Root.At(name).Entries().Where(e => !IsString(e.Value)))
                    yield return $"{manifest.Id}: {name} '{key}' is not a string: {value}";
        }

        foreach (var container in manifest.PodTemplate.Containers())
        {
            foreach (var item in container.Items("env").Where(e => e.At("value") is { } value && !IsString(value)))
                yield return $"{manifest.Id}: env '{item.Text("name")}' is not a string: {item.At("value")}";
            foreach (string list in new[] { "command", "args" })
                foreach (var item in container.Items(list).Where(i => !IsString(i)))
                    yield return $"{manifest.Id}: {list} has a part that is not a string: {item}";
        }
    }

    private static bool IsString(YamlNode node) =>
        node is YamlScalarNode scalar && (scalar.Style != ScalarStyle.Plain || !(scalar.Value is null or "" || NotText().IsMatch(scalar.Value)));

    // What the YAML 1.1 reader of Kubernetes takes for null, a switch, a number or a time.
    [GeneratedRegex(@"^(~|null|Null|NULL|true|True|TRUE|false|False|FALSE|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|y|Y|n|N|[-+]?(\d[\d_]*)?\.?\d+([eE][-+]?\d+)?|[-+]?\d[\d_]*\.?|0x[0-9a-fA-F]+|0o?[0-7]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)|\d{4}-\d\d?-\d\d?.*|\d+(:[0-5]?\d)+)$")]
    private static partial Regex NotText();
}
