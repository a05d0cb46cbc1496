using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Trainer;

/// <summary>What the trainer reads and writes as JSON.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, int>))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class TrainerJson : JsonSerializerContext
{
    /// <summary>One line, with angle brackets left readable.</summary>
    public static TrainerJson Compact { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
