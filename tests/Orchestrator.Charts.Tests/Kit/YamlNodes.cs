using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Kit;

/// <summary>Ways through YAML nodes; what is not there is null or empty.</summary>
internal static class YamlNodes
{
    public static YamlNode? At(this YamlNode? node, string key) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null;

    public static YamlNode? Path(this YamlNode? node, params string[] keys) => keys.Aggregate(node, (at, key) => at.At(key));

    public static string? Text(this YamlNode? node, string key) => (node.At(key) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlNode? node, string key) => node.At(key) is YamlSequenceNode list ? list.Children : [];

    public static IReadOnlyList<string> Texts(this YamlNode? node, string key) => [.. node.Items(key).OfType<YamlScalarNode>().Select(s => s.Value ?? "")];

    public static IEnumerable<(string Key, YamlNode Value)> Entries(this YamlNode? node) =>
        node is YamlMappingNode map ? map.Children.Select(c => (((YamlScalarNode)c.Key).Value ?? "", c.Value)) : [];

    /// <summary>A mapping of text to text.</summary>
    public static Dictionary<string, string> Pairs(this YamlNode? node) =>
        node.Entries().ToDictionary(e => e.Key, e => (e.Value as YamlScalarNode)?.Value ?? "", StringComparer.Ordinal);

    /// <summary>This node and everything below.</summary>
    public static IEnumerable<YamlNode> Below(this YamlNode? node) => node is null ? [] : node.AllNodes;

    /// <summary>Containers of a pod, init containers first.</summary>
    public static IEnumerable<YamlNode> Containers(this YamlNode? pod) => pod.At("spec").Items("initContainers").Concat(pod.At("spec").Items("containers"));

    public static bool Matches(this IReadOnlyDictionary<string, string> selector, IReadOnlyDictionary<string, string> labels) =>
        selector.Count > 0 && selector.All(s => labels.TryGetValue(s.Key, out string? value) && value == s.Value);
}
