using System.Net;
using System.Text.Json;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>What an app's answer means for a message.</summary>
internal enum Verdict
{
    Success,
    Retry,
    Drop,
}

/// <summary>Reads answers as Dapr does.</summary>
internal static class Verdicts
{
    /// <summary>2xx with no or unknown body is success; 404 drops; other statuses retry.</summary>
    public static Verdict Of(HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        if (status == HttpStatusCode.NotFound)
        {
            return Verdict.Drop;
        }
        if ((int)status is < 200 or > 299)
        {
            return Verdict.Retry;
        }
        if (body.IsEmpty)
        {
            return Verdict.Success;
        }
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("status", out var text)
                ? Of(text)
                : Verdict.Success;
        }
        catch (JsonException)
        {
            return Verdict.Success;
        }
    }

    /// <summary>The <c>status</c> field: absent or empty is success, an unknown word is a failure.</summary>
    public static Verdict Of(JsonElement status) => status.ValueKind == JsonValueKind.String ? status.GetString() switch
    {
        "" or "SUCCESS" => Verdict.Success,
        "DROP" => Verdict.Drop,
        _ => Verdict.Retry,
    } : status.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined ? Verdict.Success : Verdict.Retry;
}
