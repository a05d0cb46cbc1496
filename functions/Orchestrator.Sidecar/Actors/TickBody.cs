using System.Buffers;
using System.Text.Json;

namespace Orchestrator.Sidecar.Actors;

/// <summary>What the SDK sends to register a timer or reminder, and what it gets back at each tick.</summary>
/// <param name="Data">JSON text of any value, usually a base64 string; null when absent.</param>
internal sealed record TickBody(string? DueTime, string? Period, string? Ttl, string? Callback, string? Data)
{
    private const int LongestText = 256;

    public static TickBody Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw ApiException.Malformed("body must be a JSON object with dueTime, period, data");
            }
            return new TickBody(Text(root, "dueTime"), Text(root, "period"), Text(root, "ttl"), Text(root, "callback"),
                root.TryGetProperty("data", out var data) && data.ValueKind != JsonValueKind.Null ? data.GetRawText() : null);
        }
        catch (JsonException e)
        {
            throw ApiException.Malformed($"body is not JSON: {e.Message}");
        }
    }

    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("dueTime", DueTime ?? "");
            json.WriteString("period", Period ?? "");
            if (!string.IsNullOrEmpty(Ttl))
            {
                json.WriteString("ttl", Ttl);
            }
            if (Callback is not null)
            {
                json.WriteString("callback", Callback);
            }
            if (Data is not null)
            {
                json.WritePropertyName("data");
                json.WriteRawValue(Data);
            }
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    private static string? Text(JsonElement root, string name)
    {
        if (!root.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : throw ApiException.Malformed($"{name} must be text");
        return text!.Length <= LongestText ? text : throw ApiException.Malformed($"{name} is longer than {LongestText} characters");
    }
}
