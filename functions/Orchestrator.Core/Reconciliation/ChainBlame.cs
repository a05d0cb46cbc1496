using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// Finds who made a chain differ: the first boundary that does, with its two ends told apart by what the sender put out, what the receiver took in, and what the other
/// chain has at the same place.
/// </summary>
public static class ChainBlame
{
    /// <summary>Compares whole runs by their roots, which tell as long as both fed the same tokens.</summary>
    /// <param name="accused">A chain whose receipts are all readable and of this job; broken links are what this is for.</param>
    /// <param name="reference">A valid chain whose answer counts.</param>
    /// <param name="choice">Which completion.</param>
    public static Blame ByRoots(ChainOutcome accused, ChainOutcome reference, int choice)
    {
        var (x, y) = (Commitments(accused, choice), Commitments(reference, choice));
        var (told, known) = (accused.Opened!.Tokens[choice], reference.Opened!.Tokens[choice]);
        int last = x.Count - 1;
        if (told.Input is { } answered && answered != x[0].Input)
            return new(BlameKind.Contradicted, 0, null, choice, null, "The edge's answer contradicts what it signed as stage 0.");
        if (told.Draws != known.Draws && x[last].Draws == known.Draws)
            return new(BlameKind.Receiver, 0, last, choice, null, $"Stage {last} drew what the other chain drew; the edge answered something else.");
        var diverged = Divergence(accused.Opened.Result, reference.Opened.Result, choice);
        if (x[0].Input != y[0].Input)
        {
            return diverged is { } through
                ? new(BlameKind.Diverged, null, null, choice, through, $"The chains drew different tokens, first in chunk {through}.")
                : new(BlameKind.Undecided, null, null, choice, null, "The chains ran different tokens.");
        }

        for (int stage = 0; stage <= last; stage++)
        {
            if (!Comparable(accused, reference, stage))
                return new(BlameKind.Undecided, null, null, choice, null, $"Stage {stage} ran in different classes, whose bits may differ.");
            if (x[stage].Output != y[stage].Output)
                return new(BlameKind.Computed, stage, null, choice, null, $"Stage {stage} put out {x[stage].Output.Short} where the other chain, on equal inputs, has {y[stage].Output.Short}.");
            if (stage < last && x[stage + 1].Input != y[stage + 1].Input)
                return new(BlameKind.Receiver, stage + 1, stage, choice, null, $"Stage {stage} put out what the other chain has; stage {stage + 1} says it received {x[stage + 1].Input.Short}.");
        }

        return x[last].Draws == y[last].Draws
            ? new(BlameKind.Nobody, null, null, choice, null, "The chains committed to the same.")
            : new(BlameKind.Drawn, last, null, choice, diverged, $"Stage {last} drew other tokens from equal outputs.");
    }

    /// <summary>
    /// The chunk with the pass whose draw is the first that differs. Up to and with that pass two honest runs have had the same inputs, so a lie in one of the two lies no later.
    /// Null when one answer is the start of the other, or the prompts differ.
    /// </summary>
    private static int? Divergence(ChainResult a, ChainResult b, int choice)
    {
        var (x, y) = (a.Choices[choice].Tokens, b.Choices[choice].Tokens);
        int first = x.Zip(y).TakeWhile(pair => pair.First == pair.Second).Count();
        return a.PromptTokens != b.PromptTokens || first == Math.Min(x.Count, y.Count) ? null : ChunkPlan.Holding(a.PromptTokens, a.PromptTokens + first - 1);
    }

    private static List<ChoiceCommitment> Commitments(ChainOutcome chain, int choice) => [.. chain.Opened!.Receipts.Select(r => r.Receipt!.Choices[choice])];

    private static bool Comparable(ChainOutcome a, ChainOutcome b, int stage)
    {
        var (x, y) = (a.Opened!.Receipts[stage].Receipt!, b.Opened!.Receipts[stage].Receipt!);
        return x.Class == y.Class && x.Shard == y.Shard;
    }
}
