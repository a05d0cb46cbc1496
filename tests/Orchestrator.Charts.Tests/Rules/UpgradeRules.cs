using k8s.Models;
using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>From one state of a release to the next nothing changes that a cluster refuses to change, and nothing goes that something else is found by.</summary>
internal static class UpgradeRules
{
    // They change with every version, so what cannot change must not carry them.
    private static readonly string[] VersionLabels = ["app.kubernetes.io/version", "helm.sh/chart"];

    public static IReadOnlyList<string> Problems(IReadOnlyList<Manifest> before, IReadOnlyList<Manifest> after)
    {
        var next = after.Where(ImmutableFields.IsPart).ToLookup(Key);
        List<string> problems = [.. AppIds(before).Except(AppIds(after)).Select(id => $"app-id {id} is gone: what it kept is under it")];
        foreach (var old in before.Where(ImmutableFields.IsPart))
        {
            if (next[Key(old)].FirstOrDefault() is { } now)
                problems.AddRange(Between(old, now).Select(p => $"{old.Id}: {p}"));
            else if (ImmutableFields.Lasting.TryGetValue(old.Kind, out string? loss))
                problems.Add($"{old.Id} is gone: {loss}");
        }

        problems.AddRange(after.Where(ImmutableFields.IsPart).SelectMany(Labels));
        return problems;
    }

    private static (string, string, string) Key(Manifest manifest) => (manifest.Kind, manifest.Namespace, manifest.Name);

    private static IEnumerable<string> Between(Manifest old, Manifest now)
    {
        foreach (string[] path in ImmutableFields.Fixed.GetValueOrDefault(old.Kind, []))
        {
            var (was, be) = (Plain(old.Root.Path(path)), Plain(now.Root.Path(path)));
            if (was != be)
                yield return $"{string.Join('.', path)} was {was} and would be {be}";
        }

        if (Plain(old.Root.Path(ImmutableFields.KeepPolicy)) == "keep" && Plain(now.Root.Path(ImmutableFields.KeepPolicy)) != "keep")
            yield return "it was kept when the chart is removed, and would be no longer";
        foreach (string problem in old.Kind switch
        {
            "ConfigMap" or "Secret" => Data(old, now),
            "Service" => Missing("port", Values(old, "ports", "port"), Values(now, "ports", "port")),
            "PersistentVolumeClaim" => Size(old, now),
            "Component" => Addresses(old, now),
            "CustomResourceDefinition" => Versions(old, now),
            _ => [],
        })
            yield return problem;
    }

    private static IEnumerable<string> Data(Manifest old, Manifest now)
    {
        if (ImmutableFields.IsFixed(old) && (Plain(old.Root.At("data")) != Plain(now.Root.At("data")) || !ImmutableFields.IsFixed(now)))
            yield return "it is immutable and would change";
        if (old.Kind == "Secret")
        {
            foreach (string problem in Missing("key", old.Root.At("data").Entries().Select(e => e.Key), now.Root.At("data").Entries().Select(e => e.Key)))
                yield return problem;
        }
    }

    private static IEnumerable<string> Size(Manifest old, Manifest now)
    {
        string[] path = ["spec", "resources", "requests", "storage"];
        if (new ResourceQuantity(Plain(now.Root.Path(path))).ToDecimal() < new ResourceQuantity(Plain(old.Root.Path(path))).ToDecimal())
            yield return $"claims do not shrink from {Plain(old.Root.Path(path))} to {Plain(now.Root.Path(path))}";
    }

    private static IEnumerable<string> Addresses(Manifest old, Manifest now)
    {
        foreach (string name in ImmutableFields.Addresses)
        {
            var (was, be) = (Of(old), Of(now));
            if (was != be)
                yield return $"{name} was {was} and would be {be}";

            string Of(Manifest component) => Plain(component.Root.At("spec").Items("metadata").FirstOrDefault(i => i.Text("name") == name).At("value"));
        }
    }

    private static IEnumerable<string> Versions(Manifest old, Manifest now)
    {
        // Objects are stored in a version that was storage once, so it is read for good.
        return Missing("served version", Named(old, "served"), Named(now, "served")).Concat(Missing("stored version", Named(old, "storage"), Values(now, "versions", "name")));

        static IEnumerable<string> Named(Manifest crd, string flag) => crd.Root.At("spec").Items("versions").Where(v => v.Text(flag) == "true").Select(v => v.Text("name")!);
    }

    private static IEnumerable<string> Labels(Manifest manifest)
    {
        var spec = manifest.Root.At("spec");
        var maps = spec.Items("volumeClaimTemplates").Select(t => t.Path("metadata", "labels"));
        if (manifest.PodTemplate is not null)
            maps = maps.Append(spec.Path("selector", "matchLabels"));
        return maps.SelectMany(m => m.Entries()).Where(e => VersionLabels.Contains(e.Key)).Select(e => $"{manifest.Id}: label {e.Key} is where no upgrade can change it");
    }

    private static IEnumerable<string> AppIds(IEnumerable<Manifest> manifests) =>
        manifests.Select(m => m.Root.Path(ImmutableFields.AppId)).OfType<YamlScalarNode>().Select(n => n.Value!).Distinct();

    private static IEnumerable<string> Missing(string what, IEnumerable<string> before, IEnumerable<string> after) => before.Except(after).Select(v => $"{what} {v} is gone");

    private static IEnumerable<string> Values(Manifest manifest, string list, string key) => manifest.Root.At("spec").Items(list).Select(i => Plain(i.At(key)));

    /// <summary>A node as text that is the same for the same meaning: keys in order, no styles.</summary>
    private static string Plain(YamlNode? node) => node switch
    {
        null => "nothing",
        YamlScalarNode scalar => scalar.Value ?? "",
        YamlSequenceNode list => $"[{string.Join(", ", list.Select(Plain))}]",
        YamlMappingNode => $"{{{string.Join(", ", node.Entries().OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}: {Plain(e.Value)}"))}}}",
        _ => throw new InvalidDataException($"{node} is no value"),
    };
}
