using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>Checks one chain's result against what was dispatched, and its receipts against each other. Reports every fault it finds.</summary>
public static class ChainResultValidator
{
    /// <summary>The faults of a result, in stage order; empty when it may count.</summary>
    public static IReadOnlyList<ChainFault> Validate(ChainOutcome outcome)
    {
        var expected = outcome.Expected;
        if (outcome.Opened is not { } opened)
            return [new(ChainFaultKind.Silent, null, null, $"Chain {expected.Chain} sent no result in time.")];
        if (WrongResult(expected, opened) is { } wrong)
            return [wrong];
        if (opened.Result.Failure is { } failure)
            return [new(ChainFaultKind.Reported, InRange(failure.Stage, expected), null, $"{failure.Code}: {failure.Message}")];
        if (Malformed(expected, opened) is { } malformed)
            return [malformed];

        var faults = new List<ChainFault>();
        for (int stage = 0; stage < expected.Stages.Count; stage++)
        {
            if (WrongReceipt(expected, opened, stage) is { } fault)
                faults.Add(fault);
        }

        // Links and tokens mean something only between receipts that are what they should be.
        return faults.Count > 0 ? faults : [.. WrongTokens(opened), .. SwappedTokens(opened), .. BrokenLinks(opened)];
    }

    private static ChainFault? WrongResult(ExpectedChain expected, OpenedResult opened)
    {
        var (result, edge) = (opened.Result, expected.Stages[0].Node);
        bool right = opened.Signer == edge && result.Node == edge && result.Job == expected.Job && result.Chain == expected.Chain
            && result.Attempt == expected.Attempt && result.Session == expected.Session;
        return right ? null : new(ChainFaultKind.WrongResult, 0, null,
            $"The result is not of chain {expected.Chain}, attempt {expected.Attempt} of {expected.Job}, signed by its edge {edge}.");
    }

    private static ChainFault? Malformed(ExpectedChain expected, OpenedResult opened)
    {
        var result = opened.Result;
        string? error =
            result.PromptTokens < 1 ? "the prompt has no tokens"
            : result.Choices.Count != expected.Choices ? $"{result.Choices.Count} choices instead of {expected.Choices}"
            : result.Choices.Any(c => c is null) ? "a choice is null"
            : result.Choices.Any(c => c.Tokens.Count == 0) ? "a choice has no tokens"
            : result.Choices.Any(c => c.Tokens.Count > expected.MaxCompletionTokens) ? $"a choice has more than {expected.MaxCompletionTokens} tokens"
            : opened.Receipts.Count != expected.Stages.Count ? $"{opened.Receipts.Count} receipts for {expected.Stages.Count} stages"
            : null;
        return error is null ? null : new(ChainFaultKind.Malformed, 0, null, $"The result does not fit the assignment: {error}.");
    }

    private static ChainFault? WrongReceipt(ExpectedChain expected, OpenedResult opened, int stage)
    {
        var (signer, receipt, error, _) = opened.Receipts[stage];
        var wanted = expected.Stages[stage];
        if (receipt is null)
            return new(ChainFaultKind.UnreadableReceipt, stage, null, $"The receipt of stage {stage} cannot be read: {error}.");
        if (signer != wanted.Node || receipt.Node != wanted.Node)
            return new(ChainFaultKind.WrongNode, stage, null, $"Stage {stage} was given to {wanted.Node}; its receipt is of {receipt.Node}, signed by {signer}.");
        string? wrong =
            receipt.Job != expected.Job ? "job"
            : receipt.Session != opened.Result.Session ? "session"
            : receipt.Manifest != expected.Manifest ? "model"
            : receipt.Stage != stage ? "stage"
            : receipt.Layers != wanted.Layers ? "block of layers"
            : receipt.Shard != wanted.Shard ? "shard"
            : wanted.Class is { } promised && receipt.Class != promised ? "class than its node promised"
            : receipt.SchemaVersion != Receipt.CurrentSchema ? "schema"
            : receipt.Previous != (stage == 0 ? null : opened.Receipts[stage - 1].Payload) ? "chain of receipts"
            : receipt.Choices.Count != expected.Choices || receipt.Choices.Any(c => c is null) ? "number of choices"
            : receipt.Choices.Any(c => c.Draws is not null != (stage == expected.Stages.Count - 1)) ? "place in the chain: the last stage, and no other, commits to draws"
            : null;
        return wrong is null ? null : new(ChainFaultKind.WrongReceipt, stage, null, $"The receipt of stage {stage} is of another {wrong}.");
    }

    /// <summary>Every stage runs the prompt and all drawn tokens but the last, which is fed to nobody, in the chunks that follow from that.</summary>
    private static IEnumerable<ChainFault> WrongTokens(OpenedResult opened)
    {
        int prompt = opened.Result.PromptTokens;
        for (int choice = 0; choice < opened.Result.Choices.Count; choice++)
        {
            long needed = ChunkPlan.Ran(prompt, opened.Result.Choices[choice].Tokens.Count);
            int chunks = needed > int.MaxValue ? -1 : ChunkPlan.Count(prompt, (int)needed);
            for (int stage = 0; stage < opened.Receipts.Count; stage++)
            {
                var (ran, cut) = (opened.Receipts[stage].Receipt!.Choices[choice].Tokens, opened.Receipts[stage].Receipt!.Choices[choice].Chunks);
                if (ran != needed || cut != chunks)
                    yield return new(ChainFaultKind.WrongTokens, stage, null, $"Stage {stage} ran {ran} tokens of choice {choice} in {cut} chunks; the answer needs {needed} in {chunks}.");
            }
        }
    }

    private static IEnumerable<ChainFault> SwappedTokens(OpenedResult opened)
    {
        for (int choice = 0; choice < opened.Result.Choices.Count; choice++)
        {
            var ran = opened.Receipts[0].Receipt!.Choices[choice].Input;
            if (opened.Tokens[choice].Input is { } told && told != ran)
                yield return new(ChainFaultKind.SwappedTokens, 0, null, $"The edge says that prompt and answer of choice {choice} make {told.Short}, and as stage 0 that it ran {ran.Short}.");
        }
    }

    private static IEnumerable<ChainFault> BrokenLinks(OpenedResult opened)
    {
        for (int stage = 0; stage + 1 < opened.Receipts.Count; stage++)
        {
            var (from, to) = (opened.Receipts[stage].Receipt!, opened.Receipts[stage + 1].Receipt!);
            for (int choice = 0; choice < from.Choices.Count; choice++)
            {
                var (sent, received) = (from.Choices[choice].Output, to.Choices[choice].Input);
                if (sent != received)
                {
                    yield return new(ChainFaultKind.BrokenLink, stage, new(stage, stage + 1, choice, sent, received),
                        $"Stage {stage} put out {sent.Short} for choice {choice}, stage {stage + 1} received {received.Short}.");
                }
            }
        }

        int last = opened.Receipts.Count - 1;
        for (int choice = 0; choice < opened.Result.Choices.Count; choice++)
        {
            var (drew, told) = (opened.Receipts[last].Receipt!.Choices[choice].Draws!.Value, opened.Tokens[choice].Draws);
            if (drew != told)
                yield return new(ChainFaultKind.BrokenLink, last, new(last, 0, choice, drew, told), $"Stage {last} drew {drew.Short} for choice {choice}, the edge answered with {told.Short}.");
        }
    }

    private static int? InRange(int? stage, ExpectedChain expected) => stage >= 0 && stage < expected.Stages.Count ? stage : null;
}
