using System.Text.Json.Serialization;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Answer of <c>POST /v1/chat/completions</c>.</summary>
public sealed record ChatCompletion(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created")] long Created,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("system_fingerprint")] string SystemFingerprint,
    [property: JsonPropertyName("choices")] IReadOnlyList<ChatChoice> Choices,
    [property: JsonPropertyName("usage")] Usage Usage,
    [property: JsonPropertyName("orchestrator")] OrchestratorInfo Orchestrator);

/// <summary>One completion of a conversation.</summary>
public sealed record ChatChoice(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("message")] ChatAnswer Message,
    [property: JsonPropertyName("logprobs")] ChatLogProbs? LogProbs,
    [property: JsonPropertyName("finish_reason")] string FinishReason);

/// <summary>The assistant's turn.</summary>
public sealed record ChatAnswer(
    [property: JsonPropertyName("role")] string Role,
    [property: JsonPropertyName("content")] string Content,
    [property: JsonPropertyName("refusal")] string? Refusal = null);

/// <summary>One streamed chunk of a chat completion.</summary>
public sealed record ChatChunk(
    [property: JsonPropertyName("id")] string Id,
    [property: JsonPropertyName("object")] string Object,
    [property: JsonPropertyName("created")] long Created,
    [property: JsonPropertyName("model")] string Model,
    [property: JsonPropertyName("system_fingerprint")] string SystemFingerprint,
    [property: JsonPropertyName("choices")] IReadOnlyList<ChatChunkChoice> Choices)
{
    /// <summary>Absent without <c>include_usage</c>; with it null on every chunk but the last.</summary>
    [JsonPropertyName("usage")]
    public Usage? Usage { get; init; }

    /// <summary>Our data, on the last chunks.</summary>
    [JsonPropertyName("orchestrator"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OrchestratorInfo? Orchestrator { get; init; }
}

/// <summary>What a chunk adds to one choice.</summary>
public sealed record ChatChunkChoice(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("delta")] ChatDelta Delta,
    [property: JsonPropertyName("logprobs")] ChatLogProbs? LogProbs,
    [property: JsonPropertyName("finish_reason")] string? FinishReason);

/// <summary>New text of the assistant's turn.</summary>
public sealed record ChatDelta(
    [property: JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Role = null,
    [property: JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Content = null);

/// <summary>Log-probabilities of tokens, in order.</summary>
public sealed record ChatLogProbs(
    [property: JsonPropertyName("content")] IReadOnlyList<ChatTokenLogProb> Content,
    [property: JsonPropertyName("refusal")] IReadOnlyList<ChatTokenLogProb>? Refusal = null);

/// <summary>A drawn token with its alternatives.</summary>
public sealed record ChatTokenLogProb(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("logprob")] float LogProb,
    [property: JsonPropertyName("bytes")] IReadOnlyList<int> Bytes,
    [property: JsonPropertyName("top_logprobs")] IReadOnlyList<ChatTopLogProb> TopLogProbs);

/// <summary>One alternative.</summary>
public sealed record ChatTopLogProb(
    [property: JsonPropertyName("token")] string Token,
    [property: JsonPropertyName("logprob")] float LogProb,
    [property: JsonPropertyName("bytes")] IReadOnlyList<int> Bytes);
