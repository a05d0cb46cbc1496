using Orchestrator.Contracts;
using Orchestrator.Onnx.Sampling;

namespace Orchestrator.Onnx.Generation;

/// <summary>
/// Generates with a whole model or all its stages in one process: the same passes, shapes and draws as a chain of nodes, without a
/// network. What a chain must equal.
/// </summary>
/// <param name="stages">All stages in chain order; the caller keeps them.</param>
/// <param name="vocabulary">Logits per position.</param>
public sealed class LocalGenerator(IReadOnlyList<IStageEngine> stages, int vocabulary)
{
    /// <summary>Draws tokens one by one as they are asked for, up to and including <paramref name="endToken"/>.</summary>
    /// <param name="prompt">Token ids, 1 or more.</param>
    /// <param name="sampling">How to draw.</param>
    /// <param name="maxCompletionTokens">Most tokens to draw, 1 or more.</param>
    /// <param name="endToken">Ends the answer; null goes on to the limit.</param>
    /// <param name="choice">0-based number of the completion.</param>
    /// <exception cref="ArgumentOutOfRangeException">Prompt and limit do not fit the context.</exception>
    /// <exception cref="InvalidDataException">A token is not in the vocabulary, or the model fails.</exception>
    public IEnumerable<TokenDraw> Generate(
        IReadOnlyList<int> prompt, SamplingParameters sampling, int maxCompletionTokens, int? endToken, int choice = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(prompt.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxCompletionTokens, 1);
        return Draws([.. prompt], new TokenSampler(sampling, vocabulary, choice), maxCompletionTokens, endToken);
    }

    private IEnumerable<TokenDraw> Draws(int[] prompt, TokenSampler sampler, int maxCompletionTokens, int? endToken)
    {
        using var chain = new LocalChain(stages, vocabulary, checked(prompt.Length + maxCompletionTokens));
        ReadOnlyMemory<byte> logits = default;
        foreach (var (start, count) in PrefillPlan.Passes(prompt.Length))
            logits = chain.Run(prompt.AsSpan(start, count));
        for (int drawn = 1; ; drawn++)
        {
            var draw = sampler.Draw(logits.Span, chain.Position);
            sampler.Accept(draw.Token);
            yield return draw;
            if (draw.Token == endToken || drawn == maxCompletionTokens)
                yield break;
            logits = chain.Run([draw.Token]);
        }
    }
}
