using System.Text.Json;
using Orchestrator.ControlPlane.Http;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Typed reads from a request object. <c>null</c> is the same as absent; every error names the parameter.</summary>
/// <param name="body">A JSON object.</param>
/// <param name="path">Prefix of parameter names in errors, with its dot; empty at the top.</param>
public readonly struct Parameters(JsonElement body, string path = "")
{
    /// <summary>Names of all members.</summary>
    public IEnumerable<string> Names => body.EnumerateObject().Select(p => p.Name);

    /// <summary>A member; null when absent or null.</summary>
    public JsonElement? Get(string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A string.</summary>
    public string? String(string name) => Get(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => Text(value, path + name),
        { } other => throw Type(name, "a string", other),
    };

    /// <summary>A string that must be there and not be empty.</summary>
    public string Required(string name) => String(name) is { Length: > 0 } text
        ? text
        : throw ApiErrors.BadParameter(path + name, $"You must provide '{path}{name}'.", "missing_required_parameter");

    /// <summary>true or false.</summary>
    public bool Bool(string name) => Get(name) switch
    {
        null => false,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { } other => throw Type(name, "a boolean", other),
    };

    /// <summary>A whole number in a range.</summary>
    public long? Integer(string name, long min, long max)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out long number))
            throw Type(name, "an integer", value);
        return number >= min && number <= max ? number : throw Range(name, number, min, max);
    }

    /// <summary>A finite number in a range.</summary>
    public double? Number(string name, double min, double max)
    {
        if (Get(name) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !double.IsFinite(number))
            throw Type(name, "a number", value);
        return number >= min && number <= max ? number : throw Range(name, number, min, max);
    }

    /// <summary>An object.</summary>
    public Parameters? Object(string name) => Get(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new Parameters(value, $"{path}{name}."),
        { } other => throw Type(name, "an object", other),
    };

    /// <summary>An array.</summary>
    public IReadOnlyList<JsonElement>? Array(string name) => Get(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } value => [.. value.EnumerateArray()],
        { } other => throw Type(name, "an array", other),
    };

    /// <summary>The error for a member of the wrong type.</summary>
    public ApiException Type(string name, string expected, JsonElement actual) =>
        ApiErrors.BadParameter(path + name, $"Invalid type for '{path}{name}': expected {expected}, but got {Kind(actual)} instead.", "invalid_type");

    /// <summary>Text of a JSON string; unpaired surrogates are refused because no token stands for them.</summary>
    public static string Text(JsonElement value, string name)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiErrors.BadParameter(name, $"'{name}' is not valid Unicode text.", "invalid_value");
        }
    }

    private ApiException Range<T>(string name, T value, T min, T max) =>
        ApiErrors.BadParameter(path + name, $"Invalid value for '{path}{name}': {value} is not between {min} and {max}.", "invalid_value");

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        _ => "an object",
    };
}
