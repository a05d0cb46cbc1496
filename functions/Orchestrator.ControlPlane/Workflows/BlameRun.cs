using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One execution of <see cref="BlameWorkflow"/>.</summary>
internal sealed class BlameRun(IWorkflowContext context, BlameInput input)
{
    // Beside the attempts of lotteries, planted errors and referees.
    private const int BlameAttempt = 3_000;

    private readonly Blame blame = input.Blame;
    private readonly EvidenceRounds evidence = new(context, input.Rules.EvidencePatience);

    public async Task<CheckResult> RunAsync() => blame switch
    {
        { Kind: BlameKind.Computed, Stage: { } stage } => await LeavesAsync(stage, int.MaxValue) ?? new CheckResult(CheckVerdict.Passed, null, null, "The leaves do not differ."),
        { Kind: BlameKind.Drawn, Stage: { } last, Chunk: { } chunk } => await AgainAsync([last], chunk),
        { Kind: BlameKind.Diverged, Chunk: { } chunk } => await LeavesAsync(chunk) ?? await AgainAsync(AllStages, chunk),
        _ => new CheckResult(CheckVerdict.NotDone, null, null, blame.Reason),
    };

    private IEnumerable<int> AllStages => Enumerable.Range(0, input.Accused.Stages.Count);

    /// <summary>The first stage whose leaves differ before a chunk: those before it put out the same, so it had the same inputs.</summary>
    private async Task<CheckResult?> LeavesAsync(int before)
    {
        foreach (int stage in before > 0 ? AllStages : [])
        {
            // Bits of other classes may differ, and so may all inputs after them.
            if (input.Accused.Stages[stage].Class != input.Reference.Stages[stage].Class)
                return null;
            if (await LeavesAsync(stage, before) is { } found)
                return found;
        }

        return null;
    }

    /// <summary>Finds the first leaf that differs and has the two nodes dispute it; null when none does.</summary>
    private async Task<CheckResult?> LeavesAsync(int stage, int before)
    {
        var (accused, reference) = (input.Accused[stage], input.Reference[stage]);
        var served = await Task.WhenAll(
            evidence.DemandAsync(accused, EvidenceKind.Chunks, input.Rules), evidence.DemandAsync(reference, EvidenceKind.Chunks, input.Rules));
        if (served.Select(s => s.Missing).OfType<CheckResult>().OrderByDescending(m => m.Guilty is not null).FirstOrDefault() is { } missing)
            return missing;
        var (x, y) = (served[0].Found!.Outputs, served[1].Found!.Outputs);
        int chunk = x.Zip(y).Take(before).TakeWhile(pair => pair.First == pair.Second).Count();
        if (chunk >= Math.Min(before, Math.Min(x.Count, y.Count)))
            return null;
        var first = await DisputeAsync(DisputeInput.Between(accused, reference, x, new ChunkClaim(chunk, y[chunk]), input.Rules));
        // A referee that finds for the accused has seen the reference be wrong: a majority may be a ring.
        if (first.Verdict != CheckVerdict.Passed || !(input.BothWays || first.Fault == FaultKind.FalseAccusation))
            return first with { Guilty = first.Verdict == CheckVerdict.Wrong ? first.Guilty : null };
        return await DisputeAsync(DisputeInput.Between(reference, accused, y, new ChunkClaim(chunk, x[chunk]), input.Rules));
    }

    /// <summary>Has stages of either chain run again by the other's nodes, until somebody is proven wrong. If one chain is right throughout, its nodes find what is wrong in the other.</summary>
    private async Task<CheckResult> AgainAsync(IEnumerable<int> stages, int chunk)
    {
        var accused = await Task.WhenAll(stages.Select(stage => AgainAsync(input.Accused[stage], input.Reference[stage], chunk)));
        if (accused.FirstOrDefault(IsProof) is { } proven)
            return proven;
        var reference = await Task.WhenAll(stages.Select(stage => AgainAsync(input.Reference[stage], input.Accused[stage], chunk)));
        return reference.FirstOrDefault(IsProof) ?? new CheckResult(CheckVerdict.Undecided, null, null, "Running both chains again proved nobody wrong.");
    }

    private async Task<CheckResult> AgainAsync(CheckedReceipt receipt, CheckedReceipt by, int chunk)
    {
        if (receipt.Class != by.Class)
            return new CheckResult(CheckVerdict.NotDone, null, null, $"Stage {receipt.Stage} ran in classes whose bits cannot be compared.");
        var (chunks, missing) = await evidence.DemandAsync(receipt, EvidenceKind.Chunks, input.Rules);
        (var inputs, missing) = chunks is null ? (null, missing) : await evidence.DemandAsync(receipt, EvidenceKind.Inputs, input.Rules);
        if (chunks is null || inputs is null)
            return missing!;
        var task = new AuditTask(
            AuditTask.CurrentSchema, by.Signer.Node, AuditId.Derive(receipt.Chain.Session, receipt.Stage, receipt.Choice, BlameAttempt), receipt.Manifest, receipt.Stage,
            receipt.PromptTokens, receipt.Committed.Tokens, inputs.Blob, inputs.Bytes, FinalityPhase.Through(chunk), AuditMode.Exact, receipt.Draws,
            context.UtcNow + input.Rules.ReportPatience);
        var run = await RunAsync(task);
        if (run.Report is not { Failure: null } report)
            return new CheckResult(CheckVerdict.NotDone, null, null, $"Node {by.Signer.Node} did not run stage {receipt.Stage} again.");
        var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(receipt, chunks.Blob, report), JobScope.Persistent);
        return finding.Kind switch
        {
            FindingKind.Same => new CheckResult(CheckVerdict.Passed, null, null, finding.Note),
            FindingKind.Unusable => new CheckResult(CheckVerdict.NotDone, null, null, finding.Note),
            _ => await DisputeAsync(DisputeInput.Of(receipt, by.Signer.Node, by.Signer.Host, finding, report, chunks.Outputs, inputs, input.Rules)),
        };
    }

    private async Task<AuditRunResult> RunAsync(AuditTask task)
    {
        try
        {
            return await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
        }
        catch (ChildFailedException)
        {
            // As for disputes: it was asked before.
            return new AuditRunResult(null, null);
        }
    }

    /// <summary>Somebody lied: whose receipt is wrong, or who accused a right one. Whoever only fell silent did not.</summary>
    private static bool IsProof(CheckResult found) => found.Guilty is not null && (found.Verdict == CheckVerdict.Wrong || found.Fault == FaultKind.FalseAccusation);

    private async Task<CheckResult> DisputeAsync(DisputeInput dispute)
    {
        try
        {
            return await context.CallChildAsync<CheckResult>(DisputeWorkflow.Name, dispute, dispute.Instance);
        }
        catch (ChildFailedException e)
        {
            // The same two nodes may have disputed this before, when there was no third chain yet.
            return new CheckResult(CheckVerdict.Undecided, null, null, e.Failure.Message);
        }
    }
}
