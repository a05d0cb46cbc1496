using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// Finds who made a chain differ: the first boundary that does, with its two ends told apart by what the sender put out, what the receiver took in, and what the other
/// chain has at the same place.
/// </summary>
public static class ChainBlame
{
    /// <summary>Compares whole runs by their roots.</summary>
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
        if (x[0].Input != y[0].Input)
            return new(BlameKind.Undecided, null, null, choice, null, "The chains ran different tokens.");

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
            : new(BlameKind.Drawn, last, null, choice, null, $"Stage {last} drew other tokens from equal outputs.");
    }

    /// <summary>Compares chunk by chunk. All stages must have run in the same class.</summary>
    /// <param name="accused">Leaves of every stage of the accused chain, in order, checked against their roots.</param>
    /// <param name="reference">The same of a chain whose answer counts.</param>
    /// <param name="choice">Which completion.</param>
    public static Blame ByLeaves(IReadOnlyList<StageLeaves> accused, IReadOnlyList<StageLeaves> reference, int choice)
    {
        if (accused.Count != reference.Count || accused.Concat(reference).Any(s => s.Inputs.Count != s.Outputs.Count))
            throw new ArgumentException("Both chains need leaves of all stages, as many inputs as outputs.", nameof(accused));
        int chunks = accused.Concat(reference).Min(s => s.Inputs.Count);
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            for (int stage = 0; stage < accused.Count; stage++)
            {
                var (x, y) = (accused[stage], reference[stage]);
                if (x.Inputs[chunk] != y.Inputs[chunk])
                {
                    return stage > 0 && accused[stage - 1].Outputs[chunk] != x.Inputs[chunk]
                        ? new(BlameKind.Receiver, stage, stage - 1, choice, chunk, $"In chunk {chunk} stage {stage - 1} put out what the other chain has; stage {stage} says it received something else.")
                        : new(BlameKind.Undecided, null, null, choice, chunk, $"Tokens differ within chunk {chunk}, so that all its inputs do.");
                }

                if (x.Outputs[chunk] != y.Outputs[chunk])
                    return new(BlameKind.Computed, stage, null, choice, chunk, $"In chunk {chunk} stage {stage} put out something else on equal inputs.");
            }
        }

        return accused[0].Inputs.Count == reference[0].Inputs.Count
            ? new(BlameKind.Nobody, null, null, choice, null, "All leaves are equal.")
            : new(BlameKind.Drawn, accused.Count - 1, null, choice, chunks, $"The chains are equal through chunk {chunks - 1} and then one stops.");
    }

    private static List<ChoiceCommitment> Commitments(ChainOutcome chain, int choice) => [.. chain.Opened!.Receipts.Select(r => r.Receipt!.Choices[choice])];

    private static bool Comparable(ChainOutcome a, ChainOutcome b, int stage)
    {
        var (x, y) = (a.Opened!.Receipts[stage].Receipt!, b.Opened!.Receipts[stage].Receipt!);
        return x.Class == y.Class && x.Shard == y.Shard;
    }
}

/// <summary>A stage's leaves for one choice, one per chunk.</summary>
/// <param name="Inputs">What it received.</param>
/// <param name="Outputs">What it put out.</param>
public sealed record StageLeaves(IReadOnlyList<Digest> Inputs, IReadOnlyList<Digest> Outputs);
