using System.Text.Json;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Replay;

/// <summary>
/// Compares what an action carries. Something new in an object is no difference: whoever gets it took it without before. Anything that is gone or
/// has another value is one: most often a property of a stored input was renamed, and the code read nothing where there was something.
/// </summary>
static class ActionContents
{
    /// <returns>Where the first difference is, and both values; null when there is none.</returns>
    public static string? Difference(WorkflowAction recorded, WorkflowAction asked) =>
        // Why a workflow fails says where it failed in the code, which may move.
        recorded is Fail ? null : Difference("", Json(recorded), Json(asked));

    static JsonElement Json(WorkflowAction action) => JsonSerializer.SerializeToElement(action, HistoryJson.Default.WorkflowAction);

    static string? Difference(string at, JsonElement recorded, JsonElement? asked) => (recorded.ValueKind, asked?.ValueKind) switch
    {
        (JsonValueKind.Null, null) => null,
        (JsonValueKind.Object, JsonValueKind.Object) => recorded.EnumerateObject()
            .Select(p => Difference(at.Length == 0 ? p.Name : $"{at}.{p.Name}", p.Value, asked!.Value.TryGetProperty(p.Name, out var now) ? now : null))
            .FirstOrDefault(d => d is not null),
        (JsonValueKind.Array, JsonValueKind.Array) when recorded.GetArrayLength() == asked!.Value.GetArrayLength() => recorded.EnumerateArray()
            .Zip(asked.Value.EnumerateArray(), (before, now) => (before, now))
            .Select((pair, i) => Difference($"{at}[{i}]", pair.before, pair.now))
            .FirstOrDefault(d => d is not null),
        _ when asked is { } now && JsonElement.DeepEquals(recorded, now) => null,
        _ => $"{at} {Show(recorded)}, now {(asked is { } now ? Show(now) : "nothing")}",
    };

    static string Show(JsonElement value) => value.GetRawText() is { Length: > 200 } text ? $"{text[..200]}…" : value.GetRawText();
}
