namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// Comparison of two valid results whose stages ran in different classes. Honest bits differ there, and so may a token drawn at a near-tie, and everything after it: each chain is
/// judged on its own inputs, by what the other's nodes made of them. Both must have stood that for the two to count as equal.
/// </summary>
internal static class ToleranceComparison
{
    /// <summary>Whether bits say nothing about two chains.</summary>
    public static bool Applies(ChainOutcome a, ChainOutcome b) =>
        a.Opened!.Receipts.Zip(b.Opened!.Receipts).Any(pair => pair.First.Receipt!.Class != pair.Second.Receipt!.Class);

    /// <summary>How two chains differ; null when they do not, or when it is <paramref name="open"/>.</summary>
    public static ChainDifference? Difference(ChainOutcome a, ChainOutcome b, IReadOnlyList<ToleranceFinding> findings, out IReadOnlyList<ToCompare> open)
    {
        var (x, y) = (a.Expected, b.Expected);
        open = [];
        if (a.Opened!.Result.PromptTokens != b.Opened!.Result.PromptTokens)
            return new(x.Chain, y.Chain, DifferenceKind.Prompt, null, null, $"Chains {x.Chain} and {y.Chain}: the prompt has {a.Opened.Result.PromptTokens} and {b.Opened.Result.PromptTokens} tokens.");
        var (forth, back) = (Finding(x, y), Finding(y, x));
        open = [.. forth is null ? [new ToCompare(x.Chain, y.Chain)] : Array.Empty<ToCompare>(), .. back is null ? [new ToCompare(y.Chain, x.Chain)] : Array.Empty<ToCompare>()];
        return new[] { forth, back }.FirstOrDefault(f => f is { Within: false }) is { } beyond
            ? new(x.Chain, y.Chain, DifferenceKind.Tolerance, null, null, $"Chains {x.Chain} and {y.Chain} are of different classes and do not agree within tolerance: {beyond.Note}")
            : null;

        ToleranceFinding? Finding(ExpectedChain chain, ExpectedChain by) => findings.FirstOrDefault(f => f.Session == chain.Session && f.By == by.Session);
    }
}
