namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// Exact comparison of two valid results whose stages ran in the same classes: every bit of every stage, then the answer.
/// </summary>
internal static class ChainComparison
{
    public static ChainDifference? FirstDifference(ChainOutcome a, ChainOutcome b) =>
        OutputDifference(a, b) ?? AnswerDifference(a, b);

    private static ChainDifference? OutputDifference(ChainOutcome a, ChainOutcome b)
    {
        var (left, right) = (a.Opened!.Receipts, b.Opened!.Receipts);
        for (int stage = 0; stage < left.Count; stage++)
        {
            var (x, y) = (left[stage].Receipt!, right[stage].Receipt!);
            for (int choice = 0; choice < x.Choices.Count; choice++)
            {
                if (x.Choices[choice].Output != y.Choices[choice].Output)
                {
                    return Difference(a, b, DifferenceKind.Output, stage, choice,
                        $"stage {stage} put out {x.Choices[choice].Output.Short} and {y.Choices[choice].Output.Short} for choice {choice}");
                }
            }
        }

        return null;
    }

    private static ChainDifference? AnswerDifference(ChainOutcome a, ChainOutcome b)
    {
        var (x, y) = (a.Opened!.Result, b.Opened!.Result);
        if (x.PromptTokens != y.PromptTokens)
            return Difference(a, b, DifferenceKind.Prompt, null, null, $"the prompt has {x.PromptTokens} and {y.PromptTokens} tokens");
        for (int choice = 0; choice < x.Choices.Count; choice++)
        {
            var (p, q) = (x.Choices[choice], y.Choices[choice]);
            if (!p.Tokens.SequenceEqual(q.Tokens))
            {
                int at = p.Tokens.Zip(q.Tokens).TakeWhile(t => t.First == t.Second).Count();
                return Difference(a, b, DifferenceKind.Tokens, null, choice, $"choice {choice} differs from token {at} on");
            }

            if (p.Text != q.Text || p.FinishReason != q.FinishReason)
                return Difference(a, b, DifferenceKind.Text, null, choice, $"choice {choice} has equal tokens but another text or finish reason");
        }

        return null;
    }

    private static ChainDifference Difference(ChainOutcome a, ChainOutcome b, DifferenceKind kind, int? stage, int? choice, string what) =>
        new(a.Expected.Chain, b.Expected.Chain, kind, stage, choice, $"Chains {a.Expected.Chain} and {b.Expected.Chain}: {what}.");
}
