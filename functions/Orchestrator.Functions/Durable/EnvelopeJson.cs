using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>JSON of what this adapter adds to inputs and outputs; what the product puts inside is left as the port wrote it.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkflowEnvelope))]
[JsonSerializable(typeof(ActivityEnvelope))]
[JsonSerializable(typeof(ActivityAnswer))]
[JsonSerializable(typeof(FailureDetails))]
internal sealed partial class EnvelopeJson : JsonSerializerContext;

/// <summary>Between the port, which has JSON as text, and Durable Functions, whose converter would put text into quotes.</summary>
internal static class Payload
{
    private static readonly JsonElement Null = JsonSerializer.SerializeToElement<object?>(null);

    public static JsonElement Element(string? json) => json is null ? Null : JsonSerializer.Deserialize<JsonElement>(json);

    public static string? Text(JsonElement? element) => element is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } value ? value.GetRawText() : null;
}
