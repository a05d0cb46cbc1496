using System.Text.Json.Serialization;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>Tokens a request took. The prompt counts once; completion tokens count over all choices, end tokens included.</summary>
public sealed record Usage(
    [property: JsonPropertyName("prompt_tokens")] int PromptTokens,
    [property: JsonPropertyName("completion_tokens")] int CompletionTokens,
    [property: JsonPropertyName("total_tokens")] int TotalTokens);
