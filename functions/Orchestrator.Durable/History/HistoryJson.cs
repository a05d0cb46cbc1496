using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Durable.History;

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    AllowOutOfOrderMetadataProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HistoryTurn))]
[JsonSerializable(typeof(IReadOnlyList<HistoryTurn>))]
[JsonSerializable(typeof(WorkflowMessage))]
[JsonSerializable(typeof(IReadOnlyList<EventRaised>))]
[JsonSerializable(typeof(FailureDetails))]
sealed partial class HistoryJson : JsonSerializerContext;

/// <summary>Keeps a payload as JSON inside JSON instead of quoting it, so that a recorded history can be read and edited.</summary>
sealed class RawJsonConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value, skipInputValidation: true);
}
