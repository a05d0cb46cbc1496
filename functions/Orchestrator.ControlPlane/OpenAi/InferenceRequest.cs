using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>A request for inference, whichever API it came by.</summary>
/// <param name="Kind">Which API, and so which shape of answer.</param>
/// <param name="Model">Model name.</param>
/// <param name="Prompt">Text or conversation.</param>
/// <param name="Sampling">How tokens are drawn; <see cref="SamplingParameters.Seed"/> counts only when <paramref name="Seeded"/>.</param>
/// <param name="Seeded">The client gave a seed.</param>
/// <param name="Choices">Completions asked for, 1 to <see cref="Assignment.MaxChoices"/>.</param>
/// <param name="MaxTokens">Most tokens per choice; null takes what fits.</param>
/// <param name="MaxTokensParam">The parameter that said so, for errors.</param>
/// <param name="Stop">Up to four stop sequences.</param>
/// <param name="Stream">Answer as server-sent events.</param>
/// <param name="IncludeUsage">End the stream with a usage chunk.</param>
/// <param name="Assurance">What the answer must be checked by.</param>
/// <param name="Webhook">Where the client wants to hear of the job; null for nowhere.</param>
/// <param name="IgnoreEnd">Go on past the end token (benchmarks).</param>
public sealed record InferenceRequest(
    RequestKind Kind,
    string Model,
    Prompt Prompt,
    SamplingParameters Sampling,
    bool Seeded,
    int Choices,
    int? MaxTokens,
    string MaxTokensParam,
    IReadOnlyList<string> Stop,
    bool Stream,
    bool IncludeUsage,
    AssuranceLevel Assurance,
    string? Webhook,
    bool IgnoreEnd)
{
    /// <summary>Reads a body of either API: one with <c>messages</c> is a conversation.</summary>
    /// <exception cref="Http.ApiException">A parameter is missing, wrong or not supported.</exception>
    public static InferenceRequest Parse(JsonElement root, AssuranceLevel standard) =>
        root.TryGetProperty("messages", out _) ? ChatRequestParser.Parse(root, standard) : CompletionRequestParser.Parse(root, standard);

    /// <summary>Who may read the evidence of the job's stages.</summary>
    public EvidenceAudience Evidence { get; init; }

    /// <summary>Whether log-probabilities are reported.</summary>
    public bool LogProbs => Sampling.TopLogProbs >= 0;

    /// <summary>Parameter that holds the prompt, for errors.</summary>
    public string PromptParam => Kind == RequestKind.Chat ? "messages" : "prompt";
}

/// <summary>Which API a request came by.</summary>
public enum RequestKind
{
    /// <summary><c>/v1/chat/completions</c>.</summary>
    Chat,

    /// <summary><c>/v1/completions</c>.</summary>
    Completion,
}
