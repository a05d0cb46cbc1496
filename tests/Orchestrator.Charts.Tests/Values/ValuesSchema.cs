using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests.Values;

/// <summary>Holds a chart's values against its <c>values.schema.json</c>, both ways.</summary>
internal static class ValuesSchema
{
    // What newer drafts add, helm 3.10 ignores without a word.
    private static readonly string[] NotInDraft7 = ["$defs", "unevaluatedProperties", "unevaluatedItems", "dependentRequired", "dependentSchemas", "prefixItems", "minContains", "maxContains"];

    public static IReadOnlyList<string> Violations(YamlMappingNode values, JsonObject schema)
    {
        List<string> violations = [.. Compare(values, schema, "")];
        if ((string?)schema["$schema"] != "http://json-schema.org/draft-07/schema#")
            violations.Add("the schema is not draft-07");
        violations.AddRange(Everything(schema).SelectMany(o => o.Select(p => p.Key)).Where(k => NotInDraft7.Contains(k)).Select(k => $"draft-07 has no {k}"));
        return violations;
    }

    private static IEnumerable<string> Compare(YamlMappingNode values, JsonObject schema, string path)
    {
        if (schema["additionalProperties"] is not JsonValue closed || closed.GetValue<bool>())
            yield return $"{(path.Length == 0 ? "the schema" : path)} takes unknown keys";
        var properties = schema["properties"] as JsonObject ?? [];
        var keys = values.Children.ToDictionary(c => $"{c.Key}", c => c.Value);
        foreach (string key in keys.Keys.Where(k => !properties.ContainsKey(k)))
            yield return $"{path}{key} is not in the schema";
        // Helm adds `global` itself.
        foreach (string key in properties.Select(p => p.Key).Where(k => !keys.ContainsKey(k) && (path.Length > 0 || k != "global")))
            yield return $"{path}{key} is in the schema, but values.yaml does not have it";
        foreach (var (key, value) in keys)
        {
            if (properties[key] is not JsonObject property)
                continue;
            if (property["type"] is null)
                yield return $"{path}{key} has no type in the schema";
            if (value is YamlMappingNode map && property["properties"] is JsonObject)
            {
                foreach (string violation in Compare(map, property, $"{path}{key}."))
                    yield return violation;
            }
        }
    }

    private static IEnumerable<JsonObject> Everything(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Everything(p.Value)).Prepend(o),
        JsonArray a => a.SelectMany(Everything),
        _ => [],
    };
}
