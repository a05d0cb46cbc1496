using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>Builds the CloudEvents 1.0 JSON that Dapr sends around.</summary>
internal static class CloudEvent
{
    public const string ContentType = "application/cloudevents+json";

    private static readonly JsonDocumentOptions Bounded = new() { MaxDepth = 128 };

    /// <summary>Wraps a publisher's bytes: JSON stays JSON, text becomes a string, anything else base64.</summary>
    public static byte[] Wrap(CloudEventHead head, ReadOnlySpan<byte> data, string contentType)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteData(json, data, contentType);
            WriteHead(json, head, contentType);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Completes an event the publisher wrote itself: its own fields stay, absent ones are filled in, topic and pubsub are set.</summary>
    /// <returns>null when the bytes are not a JSON object.</returns>
    public static byte[]? Complete(CloudEventHead head, ReadOnlyMemory<byte> written)
    {
        try
        {
            using var parsed = JsonDocument.Parse(written, Bounded);
            if (parsed.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }
            var buffer = new ArrayBufferWriter<byte>(written.Length + 512);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                var present = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in parsed.RootElement.EnumerateObject())
                {
                    if (property.Name is not ("topic" or "pubsubname") && present.Add(property.Name))
                    {
                        property.WriteTo(json);
                    }
                }
                WriteAbsent(json, head, present);
                json.WriteEndObject();
            }
            return buffer.WrittenSpan.ToArray();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The W3C trace context of an event; null when it has none or what it has is not one.</summary>
    public static string? TraceParent(ReadOnlySpan<byte> cloudEvent)
    {
        var reader = new Utf8JsonReader(cloudEvent, new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals("traceparent"u8);
                reader.Read();
                if (found)
                {
                    return reader.TokenType == JsonTokenType.String && ActivityContext.TryParse(reader.GetString(), null, out _) ? reader.GetString() : null;
                }
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No event, or text that is not Unicode.
        }
        return null;
    }

    private static void WriteAbsent(Utf8JsonWriter json, CloudEventHead head, HashSet<string> present)
    {
        foreach (var (name, value) in new[]
        {
            ("id", head.Id), ("source", head.Source), ("type", head.Type), ("specversion", "1.0"), ("time", Time(head.Time)),
            ("traceparent", head.TraceParent), ("traceid", head.TraceParent),
        })
        {
            if (value.Length > 0 && !present.Contains(name))
            {
                json.WriteString(name, value);
            }
        }
        json.WriteString("topic", head.Topic);
        json.WriteString("pubsubname", head.PubSub);
    }

    private static void WriteData(Utf8JsonWriter json, ReadOnlySpan<byte> data, string contentType)
    {
        if (IsJson(contentType) && IsValidJson(data))
        {
            json.WritePropertyName("data");
            json.WriteRawValue(data, skipInputValidation: true);
        }
        else if (IsText(contentType) && System.Text.Unicode.Utf8.IsValid(data))
        {
            json.WriteString("data", data);
        }
        else
        {
            json.WriteBase64String("data_base64", data);
        }
    }

    private static void WriteHead(Utf8JsonWriter json, CloudEventHead head, string contentType)
    {
        json.WriteString("datacontenttype", contentType);
        json.WriteString("id", head.Id);
        json.WriteString("pubsubname", head.PubSub);
        json.WriteString("source", head.Source);
        json.WriteString("specversion", "1.0");
        json.WriteString("time", Time(head.Time));
        json.WriteString("topic", head.Topic);
        if (head.TraceParent.Length > 0)
        {
            json.WriteString("traceid", head.TraceParent);
            json.WriteString("traceparent", head.TraceParent);
        }
        json.WriteString("type", head.Type);
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static bool IsJson(string contentType)
    {
        var media = Media(contentType);
        return media.Equals("application/json", StringComparison.OrdinalIgnoreCase) || media.EndsWith("+json", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsText(string contentType) => IsJson(contentType) || !Media(contentType).Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase);

    private static ReadOnlySpan<char> Media(string contentType)
    {
        var end = contentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? contentType.AsSpan() : contentType.AsSpan(0, end)).Trim();
    }

    private static bool IsValidJson(ReadOnlySpan<byte> data)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 64 });
        try
        {
            while (reader.Read())
            {
            }
            return data.Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>The attributes Dapr gives an event. TraceParent may be empty.</summary>
internal sealed record CloudEventHead(string Id, string Source, string Type, string PubSub, string Topic, DateTimeOffset Time, string TraceParent)
{
    public const string DefaultType = "com.dapr.event.sent";
}
