using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One execution of <see cref="ToleranceWorkflow"/>.</summary>
internal sealed class ToleranceRun(IWorkflowContext context, ToleranceInput input)
{
    // Beside the attempts of lotteries, planted errors, referees and blame.
    private const int ToleranceAttempt = 4_000;
    private const int AttemptsOfAChain = 100;

    private readonly EvidenceRounds evidence = new(context, input.Rules.EvidencePatience);
    private readonly int number = input.By.Chain.Chain * AttemptsOfAChain + input.By.Chain.Attempt;

    public async Task<CheckResult> RunAsync()
    {
        var looked = await Task.WhenAll(Enumerable.Range(0, input.Chain.Stages.Count).Select(LookAsync));
        List<CheckResult> results = [];
        foreach (var look in looked)
            results.Add(look.Result ?? await HearAsync(look));
        return results.FirstOrDefault(r => r.Verdict == CheckVerdict.Wrong)
            ?? results.FirstOrDefault(r => r.Verdict != CheckVerdict.Passed)
            ?? results.FirstOrDefault(r => r.Guilty is not null)
            ?? new CheckResult(CheckVerdict.Passed, null, null, "Every stage is within tolerance.");
    }

    private sealed record Look(CheckedReceipt Receipt, AuditTask? Task, EvidenceFound? Chunks, EvidenceFound? Inputs, AuditOpinion? Doubt, CheckResult? Result);

    /// <summary>Has one stage run again; a doubt, or what there is to say without one.</summary>
    private async Task<Look> LookAsync(int stage)
    {
        var (receipt, by) = (input.Chain[stage], input.By[stage]);
        var (chunks, missing) = await evidence.DemandAsync(receipt, EvidenceKind.Chunks, input.Rules);
        (var inputs, missing) = chunks is null ? (null, missing) : await evidence.DemandAsync(receipt, EvidenceKind.Inputs, input.Rules);
        if (chunks is null || inputs is null)
            return new(receipt, null, chunks, inputs, null, missing);
        int last = receipt.Committed.Chunks;
        var task = new AuditTask(
            AuditTask.CurrentSchema, by.Signer.Node, AuditId.Derive(receipt.Chain.Session, stage, receipt.Choice, ToleranceAttempt + number), receipt.Manifest, stage, receipt.PromptTokens,
            receipt.Committed.Tokens, inputs.Blob, inputs.Bytes, [.. Enumerable.Range(0, last).Skip(last - AuditTask.MaxChunks)], AuditMode.Batched, receipt.Draws,
            context.UtcNow + input.Rules.ReportPatience);
        var run = await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
        if (run.Report is null)
        {
            await context.CallActivityAsync<bool>(
                ObserveActivity.Name, new ObserveRequest([new NodeObservations(task.Node, [new Observation($"silent:{task.Audit}", ObservationKind.Absent, context.UtcNow)])]), JobScope.Persistent);
        }

        if (run.Report is not { Failure: null } report)
            return Undone($"Node {task.Node} did not run stage {stage} again.");
        // Limits are those between the classes reported: of its own choice a node would take the widest.
        if (report.Class != by.Class)
            return Undone($"Node {task.Node} ran stage {stage} again in another class than it had promised.");
        var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(receipt, chunks.Blob, report), JobScope.Persistent);
        if (finding.Kind == FindingKind.Unusable)
            return Undone(finding.Note);
        if (finding is { Kind: FindingKind.Same, Certain: false })
            return Undone($"No limits were calibrated between the classes of stage {stage}.");
        return finding.Kind == FindingKind.Same
            ? new(receipt, task, chunks, inputs, null, new CheckResult(CheckVerdict.Passed, null, null, finding.Note))
            : new(receipt, task, chunks, inputs, new AuditOpinion(by.Signer.Node, by.Signer.Host, false, false, finding.Certain, false, task.Audit, run.Evidence!.Value), null);

        Look Undone(string why) => new(receipt, task, chunks, inputs, null, new CheckResult(CheckVerdict.NotDone, null, null, why));
    }

    /// <summary>
    /// A doubt goes to a referee, and to nobody else: the two chains are who looked. Whoever doubted what stands is to blame only where no honest run is that far off, and nobody where there
    /// is no referee: a cheater of a class that has none would have honest nodes pay for having seen it.
    /// </summary>
    private async Task<CheckResult> HearAsync(Look look)
    {
        var audit = new AuditInput(look.Receipt, look.Task!.Chunks, "", Exact: true, Planted: false, [], input.Rules with { Auditors = 0 });
        var found = await new AuditHearing(context, audit, look.Chunks!, look.Inputs!, AuditOpinions.None.With(look.Doubt!), number + 1).RunAsync();
        return found.Verdict == CheckVerdict.Passed && look.Doubt!.Certain ? found with { Guilty = look.Doubt.Auditor, Fault = FaultKind.FalseAccusation } : found;
    }
}
