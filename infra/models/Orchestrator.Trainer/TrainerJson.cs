using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer;

/// <summary>What the trainer reads and writes as JSON.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, int>))]
[JsonSerializable(typeof(EvaluationReport))]
internal sealed partial class TrainerJson : JsonSerializerContext
{
    /// <summary>One line, with angle brackets left readable.</summary>
    public static TrainerJson Compact { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>For people: indented.</summary>
    public static TrainerJson Readable { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    });
}
