using System.Text.Json.Nodes;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>
/// Who owns which field: the leaves of a document as paths. Lists that Kubernetes merges by a key have that key in the path; all other lists are one leaf.
/// </summary>
internal static class Fields
{
    private static readonly Dictionary<string, string> ListKeys = new()
    {
        ["conditions"] = "type",
        ["shards"] = "stage",
        ["nodes"] = "pod",
        ["containers"] = "name",
        ["env"] = "name",
        ["volumes"] = "name",
        ["volumeMounts"] = "mountPath",
        ["ownerReferences"] = "uid",
        ["imagePullSecrets"] = "name",
    };

    private static readonly HashSet<string> Identity = ["apiVersion", "kind", "metadata/name", "metadata/namespace", "metadata/uid", "metadata/resourceVersion", "metadata/generateName"];

    /// <summary>Leaves of a document with their values.</summary>
    public static Dictionary<string, JsonNode?> Of(JsonObject document)
    {
        Dictionary<string, JsonNode?> leaves = [];
        Walk(document, "", "", leaves);
        foreach (string path in Identity)
            leaves.Remove(path);
        return leaves;
    }

    public static void Set(JsonObject document, string path, JsonNode? value)
    {
        string[] steps = path.Split('/');
        JsonNode at = document;
        for (int i = 0; i < steps.Length - 1; i++)
            at = Step(at, steps[i], make: true, ofList: steps[i + 1].StartsWith('['))!;
        if (steps[^1].StartsWith('['))
            _ = Step(at, steps[^1], make: true, ofList: false);
        else
            at.AsObject()[steps[^1].Replace('\u0001', '/')] = value?.DeepClone();
    }

    public static void Remove(JsonObject document, string path)
    {
        string[] steps = path.Split('/');
        JsonNode? at = document;
        List<JsonNode> trail = [document];
        foreach (string step in steps[..^1])
        {
            at = at is null ? null : Step(at, step, make: false, ofList: false);
            if (at is null)
                return;
            trail.Add(at);
        }

        // An element keeps its key as long as it has anything else.
        if (trail[^1] is JsonObject { Parent: JsonArray, Count: > 1 } && steps[^2].StartsWith($"[{steps[^1]}=", StringComparison.Ordinal))
            return;
        Drop(trail[^1], steps[^1]);
        for (int i = trail.Count - 1; i > 0 && IsBare(trail[i]); i--)
            Drop(trail[i - 1], steps[i - 1]);
    }

    // What is left of an element of a keyed list when its fields are gone is its key.
    private static bool IsBare(JsonNode node) => node switch
    {
        JsonObject o => o.Count == 0 || (o.Parent is JsonArray && o.Count == 1),
        JsonArray a => a.Count == 0,
        _ => false,
    };

    private static void Walk(JsonNode? node, string path, string name, Dictionary<string, JsonNode?> leaves)
    {
        if (node is JsonObject { Count: > 0 } o)
        {
            foreach (var (field, value) in o)
                Walk(value, path.Length == 0 ? field.Replace('/', '\u0001') : $"{path}/{field.Replace('/', '\u0001')}", field, leaves);
        }
        else if (node is JsonArray { Count: > 0 } list && ListKeys.TryGetValue(name, out string? key) && list.All(i => i is JsonObject item && item[key] is not null))
        {
            foreach (var item in list)
                Walk(item, $"{path}/[{key}={item![key]!.ToString().Replace('/', '\u0001')}]", "", leaves);
        }
        else
        {
            leaves[path] = node;
        }
    }

    private static JsonNode? Step(JsonNode at, string step, bool make, bool ofList)
    {
        if (!step.StartsWith('['))
        {
            string field = step.Replace('\u0001', '/');
            if (at.AsObject()[field] is null && make)
                at.AsObject()[field] = ofList ? new JsonArray() : new JsonObject();
            return at.AsObject()[field];
        }

        string[] pair = step.Trim('[', ']').Replace('\u0001', '/').Split('=', 2);
        var found = at.AsArray().FirstOrDefault(i => i![pair[0]]?.ToString() == pair[1]);
        if (found is null && make)
        {
            at.AsArray().Add(found = new JsonObject());
            found[pair[0]] = int.TryParse(pair[1], out int number) && pair[0] == "stage" ? number : pair[1];
        }

        return found;
    }

    private static void Drop(JsonNode from, string step)
    {
        if (!step.StartsWith('['))
            from.AsObject().Remove(step.Replace('\u0001', '/'));
        else if (Step(from, step, make: false, ofList: false) is { } item)
            from.AsArray().Remove(item);
    }
}
