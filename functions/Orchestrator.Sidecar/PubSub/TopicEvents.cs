using System.Text;
using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>A CloudEvent as streams carry it: attributes as fields, the publisher's bytes as data, everything else as extensions.</summary>
internal static class TopicEvents
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };
    private static readonly HashSet<string> Fields =
        new(StringComparer.Ordinal) { "id", "source", "type", "specversion", "datacontenttype", "data", "data_base64", "topic", "pubsubname", "time" };

    public static TopicEventRequest Of(ReadOnlyMemory<byte> cloudEvent, string pubSub, string topic)
    {
        using var json = JsonDocument.Parse(cloudEvent, Deep);
        var root = json.RootElement;
        return new TopicEventRequest
        {
            Id = Text(root, "id"),
            Source = Text(root, "source"),
            Type = Text(root, "type"),
            SpecVersion = Text(root, "specversion"),
            DataContentType = Text(root, "datacontenttype"),
            Data = Data(root),
            PubsubName = pubSub,
            Topic = topic,
            Extensions = Extensions(root),
        };
    }

    private static ByteString Data(JsonElement root)
    {
        if (root.TryGetProperty("data_base64", out var binary) && binary.ValueKind == JsonValueKind.String && binary.TryGetBytesFromBase64(out var bytes))
        {
            return ByteString.CopyFrom(bytes);
        }
        if (!root.TryGetProperty("data", out var data))
        {
            return ByteString.Empty;
        }
        var isJson = Text(root, "datacontenttype").Contains("json", StringComparison.OrdinalIgnoreCase);
        return data.ValueKind == JsonValueKind.String && !isJson
            ? ByteString.CopyFrom(data.GetString(), Encoding.UTF8)
            : ByteString.CopyFromUtf8(data.GetRawText());
    }

    private static Struct Extensions(JsonElement root)
    {
        var extensions = new Struct();
        foreach (var property in root.EnumerateObject().Where(p => !Fields.Contains(p.Name)))
        {
            extensions.Fields[property.Name] = property.Value.ValueKind == JsonValueKind.String
                ? Value.ForString(property.Value.GetString())
                : Value.Parser.ParseJson(property.Value.GetRawText());
        }
        return extensions;
    }

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
