using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Sidecar.Components;

/// <summary>Reads a YAML mapping by name; absent things are null, things of the wrong kind are errors that name the path.</summary>
internal readonly struct YamlView(YamlNode? node, string path)
{
    public bool Exists => node is not null && !(node is YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: null or "" or "~" or "null" });

    public YamlView this[string key]
    {
        get
        {
            if (!Exists)
            {
                return new YamlView(null, $"{path}.{key}");
            }
            if (node is not YamlMappingNode map)
            {
                throw Wrong("a mapping");
            }
            return new YamlView(map.Children.TryGetValue(new YamlScalarNode(key), out var child) ? child : null, $"{path}.{key}");
        }
    }

    public string? Text => !Exists ? null : node is YamlScalarNode s ? s.Value : throw Wrong("text");

    public string Required => Text is { Length: > 0 } text ? text : throw new ComponentException($"{path} is missing: it is required");

    public bool Flag => Text is { } t && (bool.TryParse(t, out var b) ? b : throw Wrong("true or false"));

    public int? Number => Text is not { } t ? null
        : int.TryParse(t, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : throw Wrong("a whole number");

    public IEnumerable<YamlView> Items
    {
        get
        {
            if (!Exists)
            {
                return [];
            }
            if (node is not YamlSequenceNode list)
            {
                throw Wrong("a list");
            }
            var at = path;
            return list.Children.Select((child, i) => new YamlView(child, $"{at}[{i}]"));
        }
    }

    public IEnumerable<(string Key, YamlView Value)> Entries
    {
        get
        {
            if (!Exists)
            {
                return [];
            }
            if (node is not YamlMappingNode map)
            {
                throw Wrong("a mapping");
            }
            var at = path;
            return map.Children.Select(c => c.Key is YamlScalarNode { Value: { } key }
                ? (key, new YamlView(c.Value, $"{at}.{key}"))
                : throw new ComponentException($"{at} has a key that is not text"));
        }
    }

    public IReadOnlyList<string> Texts => [.. Items.Select(i => i.Required)];

    public ComponentException Wrong(string expected) => new($"{path} must be {expected} (line {node?.Start.Line ?? 0})");
}
