using Orchestrator.Charts.Tests.Kit;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Rules;

/// <summary>What of an object outlives an upgrade, and a state of the charts cut down to it: what a release promised to the next.</summary>
internal static class ImmutableFields
{
    public static readonly string[] KeepPolicy = ["metadata", "annotations", "helm.sh/resource-policy"];
    public static readonly string[] AppId = ["spec", "template", "metadata", "annotations", "dapr.io/app-id"];

    /// <summary>Metadata of Dapr's stores and brokers under which they find again what they kept.</summary>
    public static readonly string[] Addresses = ["keyPrefix", "consumerID", "tablePrefix", "database", "collection", "actorStateStore"];

    /// <summary>Fields that must be what they were: the cluster refuses another value, or what was kept is not found again.</summary>
    public static IReadOnlyDictionary<string, string[][]> Fixed { get; } = new Dictionary<string, string[][]>
    {
        ["ClusterRoleBinding"] = [["roleRef"]],
        ["Component"] = [["spec", "type"], ["spec", "version"]],
        ["CustomResourceDefinition"] = [["spec", "group"], ["spec", "scope"], ["spec", "names", "kind"], ["spec", "names", "plural"]],
        ["DaemonSet"] = [["spec", "selector"]],
        ["Deployment"] = [["spec", "selector"]],
        ["Job"] = [["spec", "selector"], ["spec", "template"], ["spec", "completionMode"]],
        ["PersistentVolumeClaim"] = [["spec", "accessModes"], ["spec", "storageClassName"], ["spec", "volumeMode"], ["spec", "volumeName"], ["spec", "selector"], ["spec", "dataSource"], ["spec", "dataSourceRef"]],
        ["PriorityClass"] = [["value"], ["preemptionPolicy"]],
        ["ResourceClaimTemplate"] = [["spec"]],
        ["RoleBinding"] = [["roleRef"]],
        ["Secret"] = [["type"]],
        ["Service"] = [["spec", "clusterIP"]],
        ["StatefulSet"] = [["spec", "selector"], ["spec", "serviceName"], ["spec", "podManagementPolicy"], ["spec", "volumeClaimTemplates"]],
        ["StorageClass"] = [["provisioner"], ["parameters"], ["reclaimPolicy"], ["volumeBindingMode"]],
        ["Subscription"] = [["spec", "pubsubname"], ["spec", "topic"]],
    };

    /// <summary>Kinds whose objects must be there after the upgrade, with what goes when they go.</summary>
    public static IReadOnlyDictionary<string, string> Lasting { get; } = new Dictionary<string, string>
    {
        ["Component"] = "what its apps kept is under its name",
        ["CustomResourceDefinition"] = "every object of its kind goes with it",
        ["PersistentVolumeClaim"] = "its data goes with it",
        ["Secret"] = "its keys go with it",
        ["Service"] = "clients know its name",
        ["ServiceAccount"] = "clouds give rights to its name",
        ["StatefulSet"] = "claims are found by its name",
        ["Subscription"] = "messages wait in it",
    };

    /// <summary>Hooks are no part of a release: Helm makes them anew.</summary>
    public static bool IsPart(Manifest manifest) => manifest.Root.Path("metadata", "annotations", "helm.sh/hook") is null;

    /// <summary>The manifests with nothing but what the rules of upgrades look at, in the order of their names; secrets without what they hold.</summary>
    public static string Freeze(IEnumerable<Manifest> manifests)
    {
        var kept = manifests.Where(m => IsPart(m) && (Fixed.ContainsKey(m.Kind) || Lasting.ContainsKey(m.Kind) || m.Kind == "ConfigMap" && IsFixed(m)));
        using var text = new StringWriter { NewLine = "\n" };
        foreach (var manifest in kept.OrderBy(m => m.Id, StringComparer.Ordinal).ThenBy(m => m.Namespace, StringComparer.Ordinal))
        {
            text.WriteLine("---");
            using var document = new StringWriter { NewLine = "\n" };
            new YamlStream(new YamlDocument(Cut(manifest))).Save(document, assignAnchors: false);
            text.Write(document.ToString().Replace("...\n", "", StringComparison.Ordinal));
        }

        return text.ToString();
    }

    public static bool IsFixed(Manifest manifest) => manifest.Root.Text("immutable") == "true";

    private static YamlMappingNode Cut(Manifest manifest)
    {
        var cut = new YamlMappingNode();
        List<string[]> paths = [["apiVersion"], ["kind"], ["metadata", "name"], ["metadata", "namespace"], .. Fixed.GetValueOrDefault(manifest.Kind, []), KeepPolicy, AppId, ["immutable"]];
        foreach (string[] path in paths)
            Copy(path, manifest.Root.Path(path));
        string[] data = ["data"], ports = ["spec", "ports"], size = ["spec", "resources", "requests", "storage"], metadata = ["spec", "metadata"], versions = ["spec", "versions"];
        var root = manifest.Root;
        switch (manifest.Kind)
        {
            case "Secret" when !IsFixed(manifest):
                Copy(data, new YamlMappingNode(root.At("data").Entries().Select(e => KeyValuePair.Create<YamlNode, YamlNode>(e.Key, ""))));
                break;
            case "Secret" or "ConfigMap":
                Copy(data, root.At("data"));
                break;
            case "Service":
                Copy(ports, Parts(root.At("spec").Items("ports"), "port"));
                break;
            case "PersistentVolumeClaim":
                Copy(size, root.Path(size));
                break;
            case "Component":
                Copy(metadata, Parts(root.At("spec").Items("metadata").Where(i => Addresses.Contains(i.Text("name"))), "name", "value"));
                break;
            case "CustomResourceDefinition":
                Copy(versions, Parts(root.At("spec").Items("versions"), "name", "served", "storage"));
                break;
        }

        return cut;

        void Copy(string[] path, YamlNode? node)
        {
            if (node is null || cut.Path(path) is not null)
                return;
            var at = cut;
            foreach (string key in path[..^1])
            {
                if (at.At(key) is not YamlMappingNode next)
                    at.Add(key, next = []);
                at = next;
            }

            at.Add(path[^1], node);
        }
    }

    private static YamlSequenceNode Parts(IEnumerable<YamlNode> items, params string[] keys) =>
        new(items.Select(i => new YamlMappingNode(keys.Where(k => i.At(k) is not null).Select(k => KeyValuePair.Create<YamlNode, YamlNode>(k, i.At(k)!)))));
}
