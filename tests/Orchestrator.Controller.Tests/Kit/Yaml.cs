using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>YAML files of this repository as JSON.</summary>
internal static class Yaml
{
    public static string Root { get; } = FindRoot();

    public static JsonNode Load(string path)
    {
        var stream = new YamlStream();
        using var reader = new StreamReader(Path.Combine(Root, path));
        stream.Load(reader);
        // Through text: a number that was parsed reads as any integer type, one that was built only as its own.
        return JsonNode.Parse(ToJson(stream.Documents.Single().RootNode)!.ToJsonString())!;
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, ToJson(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: var text } => text switch
        {
            "true" => true,
            "false" => false,
            "null" or "~" or "" => null,
            _ => long.TryParse(text, out long number) ? number : text,
        },
        YamlScalarNode scalar => scalar.Value,
        _ => throw new NotSupportedException($"{node}"),
    };

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
                return folder.FullName;
        }

        throw new DirectoryNotFoundException($"No Orchestrator.sln above {AppContext.BaseDirectory}: run these tests from the repository.");
    }
}
