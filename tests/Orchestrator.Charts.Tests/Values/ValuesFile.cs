using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Values;

/// <summary>A chart's <c>values.yaml</c>: every value with its default and the comment <c># -- </c> above it.</summary>
internal sealed class ValuesFile
{
    private const string Mark = "# -- ";

    private ValuesFile(IReadOnlyList<Value> values, YamlMappingNode root) => (Values, Root) = (values, root);

    public IReadOnlyList<Value> Values { get; }

    public YamlMappingNode Root { get; }

    public static ValuesFile Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        return new ValuesFile(Described(text, root), root);
    }

    /// <summary>Values that no comment describes, by themselves or as part of one that is.</summary>
    public IReadOnlyList<string> Undescribed() => [.. Leaves(Root, "").Where(leaf => !Values.Any(v => leaf == v.Path || leaf.StartsWith(v.Path + ".", StringComparison.Ordinal)))];

    /// <summary>The table of a README.</summary>
    public string Table() =>
        "| value | default | meaning |\n|---|---|---|\n"
        + string.Concat(Values.Select(v => $"| `{v.Path}` | `{v.Default}` | {v.Meaning.Replace("|", "\\|", StringComparison.Ordinal)} |\n"));

    private static IReadOnlyList<Value> Described(string text, YamlMappingNode root)
    {
        var values = new List<Value>();
        var path = new List<(int Indent, string Key)>();
        string? comment = null;
        foreach (string line in text.Split('\n'))
        {
            string content = line.TrimStart();
            int indent = line.Length - content.Length;
            if (content.StartsWith(Mark, StringComparison.Ordinal))
                comment = content[Mark.Length..].Trim();
            else if (content.Length > 0 && content[0] is not ('#' or '-') && content.Split(':')[0] is var key)
            {
                path.RemoveAll(p => p.Indent >= indent);
                path.Add((indent, key));
                if (comment is not null)
                    values.Add(new Value(string.Join('.', path.Select(p => p.Key)), Json(At(root, path.Select(p => p.Key))), comment));
                comment = null;
            }
        }

        return values;
    }

    private static YamlNode At(YamlNode root, IEnumerable<string> keys) => keys.Aggregate(root, (at, key) => ((YamlMappingNode)at).Children[new YamlScalarNode(key)]);

    private static IEnumerable<string> Leaves(YamlNode node, string path) => node is YamlMappingNode { Children.Count: > 0 } map
        ? map.Children.SelectMany(c => Leaves(c.Value, path.Length == 0 ? $"{c.Key}" : $"{path}.{c.Key}"))
        : [path];

    private static string Json(YamlNode node) => node switch
    {
        YamlMappingNode map => "{" + string.Join(", ", map.Children.Select(c => $"{JsonSerializer.Serialize($"{c.Key}")}: {Json(c.Value)}")) + "}",
        YamlSequenceNode list => "[" + string.Join(", ", list.Children.Select(Json)) + "]",
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "false" or "null" } plain => plain.Value!,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } number when long.TryParse(number.Value, out _) => number.Value!,
        YamlScalarNode scalar => JsonSerializer.Serialize(scalar.Value ?? ""),
        _ => "",
    };
}

/// <summary>One value of a chart.</summary>
internal sealed record Value(string Path, string Default, string Meaning);
