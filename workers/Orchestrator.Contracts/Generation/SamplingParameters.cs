namespace Orchestrator.Contracts;

/// <summary>How tokens are drawn. The same parameters, logits, seed and position always draw the same token.</summary>
/// <param name="Temperature">0 draws the most likely token; at most 2.</param>
/// <param name="TopP">Nucleus mass in (0, 1].</param>
/// <param name="FrequencyPenalty">-2 to 2, times how often a token was drawn before.</param>
/// <param name="PresencePenalty">-2 to 2, once for a token that was drawn before.</param>
/// <param name="Seed">Seed of the draw; the choice's number and the position are mixed in.</param>
/// <param name="TopLogProbs">How many alternatives to report per token, 0 to 20; -1 reports no log-probabilities.</param>
/// <param name="LogitBias">Added to a token's logit before anything else; at most 300 entries in [-100, 100].</param>
public sealed record SamplingParameters(
    double Temperature = 1,
    double TopP = 1,
    double FrequencyPenalty = 0,
    double PresencePenalty = 0,
    ulong Seed = 0,
    int TopLogProbs = -1,
    IReadOnlyDictionary<int, double>? LogitBias = null);

/// <summary>One drawn token.</summary>
/// <param name="Token">Vocabulary index.</param>
/// <param name="LogProb">Natural logarithm of its probability under the unmodified logits (temperature 1, no penalties).</param>
/// <param name="Top">The most likely alternatives, most likely first; empty unless asked for.</param>
public readonly record struct TokenDraw(int Token, float LogProb, IReadOnlyList<TokenLogProb> Top);

/// <summary>A token and its log-probability.</summary>
public readonly record struct TokenLogProb(int Token, float LogProb);
