using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.Assurance;

/// <summary>What a request would cost and be worth at each assurance.</summary>
/// <param name="Model">Model name.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="MaxCompletionTokens">Most tokens drawn over all choices.</param>
/// <param name="Requested">Assurance the request asks for.</param>
/// <param name="Quotes">One per assurance, the requested one first.</param>
/// <param name="Currency">Always <c>micro-credits</c>.</param>
public sealed record QuoteView(string Model, int PromptTokens, int MaxCompletionTokens, string Requested, IReadOnlyList<AssuranceQuoteView> Quotes, string Currency = "micro-credits");

/// <summary>One assurance.</summary>
/// <param name="Assurance">Its name.</param>
/// <param name="Price">The most it costs; set aside while the job runs.</param>
/// <param name="AuditPrice">The part of it that pays audits, or comparisons within tolerance; what chains turn out not to need is not charged.</param>
/// <param name="ExtraMillisecondsToAnswer">Expected extra time until the answer is delivered, against no assurance.</param>
/// <param name="ExtraMillisecondsToFinal">Expected extra time until it is final.</param>
/// <param name="Detection">Probability that a wrong answer by one node is noticed, whichever of the nodes that could serve now it is.</param>
/// <param name="Comparison">
/// How chains would be compared if they were planned now: <c>exact</c>, bit by bit, or <c>tolerance</c>, where there are not enough hosts of one execution class; null where there
/// are none to compare, or there is no capacity.
/// </param>
/// <param name="Auditors">Fewest auditors that any of these nodes has now; 0 when an audit could not be done, null where there are none to do.</param>
public sealed record AssuranceQuoteView(
    string Assurance, long Price, long AuditPrice, long ExtraMillisecondsToAnswer, long ExtraMillisecondsToFinal, double Detection, ChainComparing? Comparison, int? Auditors)
{
    /// <summary>Shows a quote.</summary>
    public static AssuranceQuoteView Of(AssuranceQuote quote) => new(
        quote.Level.Value, quote.Total, quote.Audits, (long)quote.UntilDelivered.TotalMilliseconds, (long)quote.UntilFinal.TotalMilliseconds, Math.Round(quote.Detection, 6), quote.Comparison, quote.Auditors);
}
