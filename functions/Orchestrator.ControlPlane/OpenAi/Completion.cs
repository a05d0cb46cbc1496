using System.Text.Json.Serialization;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Answer of <c>POST /v1/completions</c>, and each of its streamed chunks.</summary>
public sealed record Completion(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created")] long Created,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("system_fingerprint")] string SystemFingerprint,
    [property: JsonPropertyName("choices")] IReadOnlyList<CompletionChoice> Choices)
{
    /// <summary>Absent in streams without <c>include_usage</c>; with it null on every chunk but the last.</summary>
    [JsonPropertyName("usage")]
    public Usage? Usage { get; init; }

    /// <summary>Our data, on the last chunks.</summary>
    [JsonPropertyName("orchestrator"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrchestratorInfo? Orchestrator { get; init; }
}

/// <summary>One completion of a text, or what a chunk adds to it.</summary>
public sealed record CompletionChoice(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("logprobs")] CompletionLogProbs? LogProbs,
    [property: JsonPropertyName("finish_reason")] string? FinishReason);

/// <summary>Log-probabilities as parallel lists.</summary>
/// <param name="Tokens">Text of each token.</param>
/// <param name="TokenLogProbs">Its log-probability.</param>
/// <param name="TopLogProbs">Alternatives of each token by text.</param>
/// <param name="TextOffset">Characters of the answer before each token.</param>
public sealed record CompletionLogProbs(
    [property: JsonPropertyName("tokens")] IReadOnlyList<string> Tokens,
    [property: JsonPropertyName("token_logprobs")] IReadOnlyList<float> TokenLogProbs,
    [property: JsonPropertyName("top_logprobs")] IReadOnlyList<IReadOnlyDictionary<string, float>> TopLogProbs,
    [property: JsonPropertyName("text_offset")] IReadOnlyList<int> TextOffset);
