using System.Buffers;
using System.Net;
using System.Text.Json;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>The envelope that a bulk subscriber's handler takes, with one entry.</summary>
internal static class BulkEnvelope
{
    private const string EntryId = "1";

    public static byte[] Wrap(string pubSub, string topic, byte[] cloudEvent)
    {
        var buffer = new ArrayBufferWriter<byte>(cloudEvent.Length + 256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("id", Guid.NewGuid().ToString());
            json.WriteString("pubsubname", pubSub);
            json.WriteString("topic", topic);
            json.WriteString("type", "com.dapr.event.sent.bulk");
            json.WriteStartArray("entries");
            json.WriteStartObject();
            json.WriteString("entryId", EntryId);
            json.WriteString("contentType", CloudEvent.ContentType);
            json.WriteStartObject("metadata");
            json.WriteEndObject();
            json.WritePropertyName("event");
            json.WriteRawValue(cloudEvent, skipInputValidation: true);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The status of the entry; an answer that does not name it is a failure.</summary>
    public static Verdict Verdict(HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        if (status == HttpStatusCode.NotFound || (int)status is < 200 or > 299)
        {
            return Verdicts.Of(status, default);
        }
        try
        {
            using var json = JsonDocument.Parse(body);
            foreach (var entry in json.RootElement.GetProperty("statuses").EnumerateArray())
            {
                if (entry.GetProperty("entryId").GetString() == EntryId)
                {
                    return Verdicts.Of(entry.GetProperty("status"));
                }
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
        }
        return PubSub.Verdict.Retry;
    }
}
