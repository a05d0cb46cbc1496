using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Sidecar.Cel;

/// <summary>
/// The part of the Common Expression Language that subscription routes need: <c>event.field.path</c>, literals,
/// <c>== != &lt; &lt;= &gt; &gt;= in &amp;&amp; || !</c>, parentheses, lists, <c>has()</c>, <c>size()</c> and the string tests
/// <c>contains startsWith endsWith</c>. Anything else is refused when the subscription is read.
/// </summary>
internal sealed class CelExpression
{
    private readonly Func<JsonElement, object?> _evaluate;

    private CelExpression(Func<JsonElement, object?> evaluate) => _evaluate = evaluate;

    /// <returns>null with the reason when the text is outside the subset.</returns>
    public static CelExpression? TryParse(string text, out string error)
    {
        try
        {
            error = "";
            return new CelExpression(new CelParser(text).Parse());
        }
        catch (FormatException e)
        {
            error = e.Message;
            return null;
        }
    }

    /// <summary>Whether the event matches; an absent field or a comparison of unlike kinds is no match.</summary>
    public bool Matches(JsonElement cloudEvent) => _evaluate(cloudEvent) is true;

    internal static object? Value(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.String => e.GetString(),
        JsonValueKind.Number => e.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => e,
    };

    internal static bool Same(object? a, object? b) => (a, b) switch
    {
        (double x, double y) => x.Equals(y),
        (string x, string y) => string.Equals(x, y, StringComparison.Ordinal),
        (bool x, bool y) => x == y,
        (null, null) => true,
        _ => false,
    };

    internal static int? Compare(object? a, object? b) => (a, b) switch
    {
        (double x, double y) => x.CompareTo(y),
        (string x, string y) => string.CompareOrdinal(x, y),
        _ => null,
    };

    internal static bool In(object? item, object? list) => list switch
    {
        object?[] items => items.Any(i => Same(item, i)),
        JsonElement { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Any(i => Same(item, Value(i))),
        JsonElement { ValueKind: JsonValueKind.Object } map when item is string key => map.TryGetProperty(key, out _),
        _ => false,
    };

    internal static object? Size(object? value) => value switch
    {
        string s => (double)s.Length,
        object?[] items => (double)items.Length,
        JsonElement { ValueKind: JsonValueKind.Array } array => (double)array.GetArrayLength(),
        JsonElement { ValueKind: JsonValueKind.Object } map => (double)map.EnumerateObject().Count(),
        _ => null,
    };

    internal static double Number(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
