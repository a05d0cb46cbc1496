using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>Checks the receipts of one chain against its result and the manifest.</summary>
internal sealed class ChainReceiptsCheck(ChainResult result, NodeId edge, ModelManifest manifest, Digest manifestDigest, int[]? prompt, string unknown)
{
    private readonly List<ReceiptFinding> findings = [];
    private readonly List<Receipt> receipts = [];

    public IReadOnlyList<ReceiptFinding> Findings()
    {
        Subject("receipts", $"All {manifest.Stages.Count} stages signed for their part.", Open);
        if (findings[^1].Outcome == FindingOutcome.Broken)
            return findings;
        Subject("chaining", "Every receipt names the one before.", Chaining);
        Subject("counts", "Tokens and chunks follow from the answer.", Counts);
        Subject("links", "Both ends of every link signed the same roots.", Links);
        Subject("draws", "The answer is what the last stage drew.", Draws);
        if (prompt is null)
            findings.Add(new("input", FindingOutcome.Unknown, null, $"What stage 0 ran cannot be checked: {unknown}."));
        else
            Subject("input", "Prompt and answer are what stage 0 ran.", Input);
        return findings;
    }

    private void Subject(string subject, string holds, Func<IEnumerable<(int Stage, string Message)>> check)
    {
        int before = findings.Count;
        findings.AddRange(check().Select(b => new ReceiptFinding(subject, FindingOutcome.Broken, b.Stage, b.Message)));
        if (findings.Count == before)
            findings.Add(new(subject, FindingOutcome.Holds, null, holds));
    }

    private IEnumerable<(int Stage, string Message)> Open()
    {
        if (result.Receipts.Count != manifest.Stages.Count)
        {
            yield return (0, $"The result has {result.Receipts.Count} receipts, the model {manifest.Stages.Count} stages.");
            yield break;
        }

        for (int stage = 0; stage < manifest.Stages.Count; stage++)
        {
            if (!MessageSigning.TryOpen(result.Receipts[stage], MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out string? error))
                yield return (stage, $"The receipt of stage {stage} cannot be read: {error}.");
            else if (Wrong(receipt, MessageSigning.Signer(result.Receipts[stage]), stage) is { } wrong)
                yield return (stage, $"The receipt of stage {stage} {wrong}.");
            else
                receipts.Add(receipt);
        }
    }

    private string? Wrong(Receipt receipt, NodeId signer, int stage)
    {
        var shard = manifest.Stages[stage];
        return receipt.SchemaVersion != Receipt.CurrentSchema ? "is of another schema"
            : receipt.Node != signer || (stage == 0 && signer != edge) ? "is not of the node that signed it, or not of the edge"
            : receipt.Job != result.Job || receipt.Session != result.Session ? "is of another job or session"
            : receipt.Manifest != manifestDigest ? "is of another model"
            : receipt.Stage != stage || receipt.Layers != shard.Layers || receipt.Shard != shard.Blob ? "is of another stage or shard"
            : receipt.Choices.Count != result.Choices.Count || receipt.Choices.Any(c => c is null) ? "does not cover every choice"
            : receipt.Choices.Any(c => c.Draws is not null != (stage == manifest.Stages.Count - 1)) ? "commits to draws in the wrong place"
            : null;
    }

    private IEnumerable<(int Stage, string Message)> Chaining()
    {
        for (int stage = 0; stage < receipts.Count; stage++)
        {
            if (receipts[stage].Previous != (stage == 0 ? null : Digest.Of(result.Receipts[stage - 1].Payload)))
                yield return (stage, $"The receipt of stage {stage} names another receipt than that of the stage before.");
        }
    }

    private IEnumerable<(int Stage, string Message)> Counts()
    {
        for (int choice = 0; choice < result.Choices.Count; choice++)
        {
            long needed = result.Choices[choice].Tokens.Count == 0 ? -1 : ChunkPlan.Ran(result.PromptTokens, result.Choices[choice].Tokens.Count);
            int chunks = result.PromptTokens < 1 || needed is < 1 or > int.MaxValue ? -1 : ChunkPlan.Count(result.PromptTokens, (int)needed);
            foreach (var (stage, c) in receipts.Select((r, stage) => (stage, r.Choices[choice])).Where(r => r.Item2.Tokens != needed || r.Item2.Chunks != chunks))
                yield return (stage, $"Stage {stage} ran {c.Tokens} tokens of choice {choice} in {c.Chunks} chunks; the answer needs {needed} in {chunks}.");
        }
    }

    private IEnumerable<(int Stage, string Message)> Links()
    {
        for (int stage = 0; stage + 1 < receipts.Count; stage++)
        {
            for (int choice = 0; choice < result.Choices.Count; choice++)
            {
                var (sent, received) = (receipts[stage].Choices[choice].Output, receipts[stage + 1].Choices[choice].Input);
                if (sent != received)
                    yield return (stage, $"Stage {stage} signed that it put out {sent.Short} for choice {choice}, stage {stage + 1} that it received {received.Short}.");
            }
        }
    }

    private IEnumerable<(int Stage, string Message)> Draws()
    {
        for (int choice = 0; choice < result.Choices.Count; choice++)
        {
            if (receipts[^1].Choices[choice].Draws != TokenCommitments.Draws(result.PromptTokens, result.Choices[choice].Tokens))
                yield return (receipts.Count - 1, $"The last stage signed other draws for choice {choice} than the edge answered with.");
        }
    }

    private IEnumerable<(int Stage, string Message)> Input()
    {
        if (result.PromptTokens != prompt!.Length)
            yield return (0, $"The edge counted {result.PromptTokens} prompt tokens; the prompt has {prompt.Length}.");
        for (int choice = 0; choice < result.Choices.Count; choice++)
        {
            if (receipts[0].Choices[choice].Input != TokenCommitments.Input(prompt, result.Choices[choice].Tokens))
                yield return (0, $"Stage 0 signed that it ran other tokens for choice {choice} than prompt and answer make.");
        }
    }
}
