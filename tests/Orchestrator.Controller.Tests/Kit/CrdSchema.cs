using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>The structural schema of a CustomResourceDefinition, applied as the API server does: unknown fields, defaults, bounds, then CEL.</summary>
internal sealed class CrdSchema
{
    private static readonly HashSet<string> Known =
    [
        "type", "description", "properties", "required", "items", "default", "minimum", "maximum", "minLength", "maxLength", "maxItems", "pattern", "enum", "format",
        "x-kubernetes-validations", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
    ];

    private readonly JsonObject root;

    public CrdSchema(JsonObject definition)
    {
        Version = definition["spec"]!["versions"]!.AsArray().Single()!.AsObject();
        root = Version["schema"]!["openAPIV3Schema"]!.AsObject();
        CheckSchema(root, "");
    }

    /// <summary>The only version.</summary>
    public JsonObject Version { get; }

    public JsonObject Root => root;

    public static CrdSchema Load() => new(Yaml.Load("charts/orchestrator/files/crds/inferencemodels.yaml").AsObject());

    public JsonObject Admit(Place place, JsonObject? before, JsonObject body)
    {
        body = JsonNode.Parse(body.ToJsonString())!.AsObject();
        List<string> errors = [];
        Default(root, body);
        Check(root, body, "", errors);
        // Rules need values of the right shape; a number that is out of bounds is one.
        if (errors.Any(Blocks))
            errors.Add("<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation");
        else
            Rules(root, body, before, "", errors);
        return errors.Count == 0 ? body : throw ApiFailure.Invalid(place, errors.Count == 1 ? errors[0] : $"[{string.Join(", ", errors)}]");
    }

    private static bool Blocks(string error) => new[] { ": Required", ": Too", ": Unsupported", "must be of type" }.Any(error.Contains);

    private static void Default(JsonObject schema, JsonNode node)
    {
        if (node is JsonObject o && schema["properties"] is JsonObject properties)
        {
            foreach (var (name, property) in properties)
            {
                if (o[name] is null && property!["default"] is { } value)
                    o[name] = value.DeepClone();
                if (o[name] is { } child)
                    Default(property!.AsObject(), child);
            }
        }
        else if (node is JsonArray list && schema["items"] is JsonObject items)
        {
            foreach (var item in list)
                Default(items, item!);
        }
    }

    private static void Check(JsonObject schema, JsonNode? node, string path, List<string> errors)
    {
        string type = schema["type"]!.GetValue<string>();
        if (!IsOf(type, node))
        {
            errors.Add($"{path}: Invalid value: {path} in body must be of type {type}");
            return;
        }

        if (node is JsonObject && schema["properties"] is null)
            return;
        if (node is JsonObject o && schema["properties"] is JsonObject properties)
        {
            foreach (var (name, value) in o)
            {
                if (properties[name] is JsonObject property)
                    Check(property, value, path.Length == 0 ? name : $"{path}.{name}", errors);
                else
                    throw ApiFailure.Unknown($"{path}.{name}");
            }

            errors.AddRange((schema["required"] as JsonArray ?? []).Where(r => o[r!.GetValue<string>()] is null).Select(r => $"{path}.{r}: Required value"));
        }
        else if (node is JsonArray list)
        {
            if (list.Count > schema["maxItems"]?.GetValue<int>())
                errors.Add($"{path}: Too many: {list.Count}: must have at most {schema["maxItems"]} items");
            var keys = (schema["x-kubernetes-list-map-keys"] as JsonArray ?? []).Select(k => k!.GetValue<string>()).ToList();
            if (keys.Count > 0 && list.GroupBy(i => string.Join('|', keys.Select(k => i![k]?.ToJsonString()))).Any(g => g.Count() > 1))
                errors.Add($"{path}: Duplicate value");
            foreach (var item in list)
                Check(schema["items"]!.AsObject(), item, $"{path}[]", errors);
        }
        else
        {
            CheckScalar(schema, node!, path, errors);
        }
    }

    private static void CheckScalar(JsonObject schema, JsonNode node, string path, List<string> errors)
    {
        if (schema["type"]!.GetValue<string>() == "integer")
        {
            long number = long.Parse(node.ToJsonString());
            if (number < schema["minimum"]?.GetValue<long>())
                errors.Add($"{path}: Invalid value: {number}: {path} in body should be greater than or equal to {schema["minimum"]}");
            if (number > (schema["maximum"]?.GetValue<long>() ?? (schema["format"]?.GetValue<string>() == "int32" ? int.MaxValue : long.MaxValue)))
                errors.Add($"{path}: Invalid value: {number}: {path} in body should be less than or equal to {schema["maximum"] ?? int.MaxValue}");
            return;
        }

        if (node.GetValueKind() != System.Text.Json.JsonValueKind.String)
            return;
        string text = node.GetValue<string>();
        if (text.Length < schema["minLength"]?.GetValue<int>())
            errors.Add($"{path}: Invalid value: \"{text}\": {path} in body should be at least {schema["minLength"]} chars long");
        else if (text.Length > schema["maxLength"]?.GetValue<int>())
            errors.Add($"{path}: Too long: may not be more than {schema["maxLength"]} bytes");
        else if (schema["pattern"] is { } pattern && !Regex.IsMatch(text, pattern.GetValue<string>()))
            errors.Add($"{path}: Invalid value: \"{text}\": {path} in body should match '{pattern}'");
        if (schema["enum"] is JsonArray values && values.All(v => v!.GetValue<string>() != text))
            errors.Add($"{path}: Unsupported value: \"{text}\": supported values: {string.Join(", ", values.Select(v => $"\"{v}\""))}");
        if (schema["format"]?.GetValue<string>() == "date-time" && !DateTimeOffset.TryParse(text, out _))
            errors.Add($"{path}: Invalid value: \"{text}\": must be of type date-time");
    }

    private static void Rules(JsonObject schema, JsonNode? node, JsonNode? old, string path, List<string> errors)
    {
        if (node is null)
            return;
        foreach (var rule in schema["x-kubernetes-validations"] as JsonArray ?? [])
        {
            string text = rule!["rule"]!.GetValue<string>();
            // A rule over oldSelf is a transition rule: it does not apply to what is new.
            if (text.Contains("oldSelf") && old is null)
                continue;
            if (!Cel.IsTrue(text, node, old))
                errors.Add($"{(path.Length == 0 ? "<nil>" : path)}{rule["fieldPath"]}: Invalid value: {rule["message"]}");
        }

        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (node is JsonObject o && o[name] is { } child)
                Rules(property!.AsObject(), child, (old as JsonObject)?[name], path.Length == 0 ? name : $"{path}.{name}", errors);
        }
    }

    private static bool IsOf(string type, JsonNode? node) => (type, node) switch
    {
        ("object", JsonObject) or ("array", JsonArray) => true,
        ("string", JsonValue v) => v.GetValueKind() == System.Text.Json.JsonValueKind.String,
        ("integer", JsonValue v) => long.TryParse(v.ToJsonString(), out _),
        ("boolean", JsonValue v) => v.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False,
        _ => false,
    };

    // What this reader does not know it would silently not check.
    private static void CheckSchema(JsonObject schema, string path)
    {
        schema.Select(s => s.Key).Where(k => !Known.Contains(k)).ShouldBeEmpty($"the tests' reader of schemas does not know these at '{path}'");
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
            CheckSchema(property!.AsObject(), $"{path}.{name}");
        if (schema["items"] is JsonObject items)
            CheckSchema(items, $"{path}[]");
    }
}
