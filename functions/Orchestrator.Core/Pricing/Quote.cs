namespace Orchestrator.Core.Pricing;

/// <summary>The most a job can cost, and how its charge is computed once it ran.</summary>
/// <param name="Prices">Prices it was made from.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="MaxCompletionTokens">Most tokens drawn over all choices.</param>
/// <param name="Layers">Layers of the model.</param>
/// <param name="Chains">Most chains that may be paid.</param>
/// <param name="Total">Micro-credits to set aside.</param>
public sealed record Quote(PriceList Prices, int PromptTokens, int MaxCompletionTokens, int Layers, int Chains, long Total)
{
    /// <summary>
    /// The charge for what was really run; never more than <see cref="Total"/>. Numbers beyond the quote are cut to it: a chain cannot earn
    /// by reporting more tokens than were asked for.
    /// </summary>
    /// <param name="promptTokens">Tokens of the prompt as the agreeing chains report them.</param>
    /// <param name="completionTokens">Tokens drawn over all choices.</param>
    /// <param name="paidChains">Chains that agreed.</param>
    public long Charge(int promptTokens, int completionTokens, int paidChains) => Prices.Price(
        Math.Min(promptTokens, PromptTokens), Math.Min(completionTokens, MaxCompletionTokens), Layers, Math.Min(paidChains, Chains));
}
