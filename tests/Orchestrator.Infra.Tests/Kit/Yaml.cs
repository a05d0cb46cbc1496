using YamlDotNet.RepresentationModel;

namespace Orchestrator.Infra.Tests.Kit;

/// <summary>YAML as plain objects: text, <see cref="List{T}"/> of objects, dictionaries by text. Duplicate keys are errors.</summary>
internal static class Yaml
{
    public static IReadOnlyList<object?> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(d => Plain(d.RootNode))];
    }

    public static Dictionary<string, object?> Map(string text) =>
        Documents(text).ShouldHaveSingleItem().ShouldBeOfType<Dictionary<string, object?>>();

    /// <summary>What lies under a path of keys; null when a step is missing.</summary>
    public static object? At(object? node, params string[] path) =>
        path.Aggregate(node, (at, key) => at is Dictionary<string, object?> map ? map.GetValueOrDefault(key) : null);

    public static string? Text(object? node, params string[] path) => At(node, path) as string;

    public static IReadOnlyList<object?> List(object? node, params string[] path) => At(node, path) as List<object?> ?? [];

    public static IReadOnlyDictionary<string, object?> Entries(object? node, params string[] path) =>
        At(node, path) as Dictionary<string, object?> ?? [];

    private static object? Plain(YamlNode node) => node switch
    {
        YamlMappingNode map => map.Children.ToDictionary(c => ((YamlScalarNode)c.Key).Value!, c => Plain(c.Value), StringComparer.Ordinal),
        YamlSequenceNode list => list.Children.Select(Plain).ToList(),
        YamlScalarNode scalar => scalar.Value,
        _ => null,
    };
}
