using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Asks auditors, and a referee where they doubt, until <see cref="AuditOpinions"/> says what follows. The evidence is there.</summary>
internal sealed class AuditHearing(IWorkflowContext context, AuditInput input, EvidenceFound chunks, EvidenceFound inputs)
{
    private const int PlantedAttempt = 1_000;
    private const int RefereeAttempt = 2_000;
    private const int Looks = 5;

    private readonly CheckedReceipt receipt = input.Receipt;
    private readonly List<NodeId> tried = [];
    private readonly Queue<NodeId> referees = new(input.Rules.Referees);
    private readonly DateTimeOffset lookUntil = context.UtcNow + input.Rules.AuditorPatience;
    private AuditOpinions opinions = AuditOpinions.None;
    private string note = "";
    private int asked;
    private bool nobodyLeft;

    public async Task<CheckResult> RunAsync()
    {
        while (true)
        {
            bool auditorLeft = !nobodyLeft && asked < input.Rules.Auditors;
            switch (opinions.Next(referees.Count > 0, auditorLeft))
            {
                case AuditStep.AskAuditor:
                    if (await AuditorAsync() is { } settled)
                        return settled;
                    break;
                case AuditStep.AskReferee:
                    if (await RefereeAsync(referees.Dequeue()) is { } judged)
                        return judged;
                    break;
                case AuditStep.Pass:
                    return await ListAsync(AuditId.Derive(receipt.Chain.Session, receipt.Stage, receipt.Choice, asked), opinions.Given[^1].Auditor, new CheckResult(CheckVerdict.Passed, null, null, note));
                case AuditStep.Void:
                    return new CheckResult(CheckVerdict.Undecided, null, null, note) { Voids = true };
                case AuditStep.LeaveOpen:
                    return new CheckResult(CheckVerdict.Undecided, null, null, note);
                default:
                    return new CheckResult(CheckVerdict.NotDone, null, null, "No node could audit it.");
            }
        }
    }

    /// <summary>Asks another auditor, and waits for one for a while if there is none.</summary>
    private async Task<CheckResult?> AuditorAsync()
    {
        var pick = await context.CallActivityAsync<AuditorPick?>(
            PickAuditorActivity.Name, new AuditorOrder(receipt, input.Signature, input.Hosts, [.. tried]), JobScope.Persistent);
        if (pick is null)
        {
            nobodyLeft = context.UtcNow >= lookUntil || opinions.Given.Length > 0;
            if (!nobodyLeft)
            {
                context.SetCustomStatus("no auditor is there now");
                tried.Clear();
                await context.CreateTimerAsync(context.UtcNow + input.Rules.AuditorPatience / Looks);
            }

            return null;
        }

        tried.Add(pick.Node);
        context.SetCustomStatus($"auditor {pick.Node}");
        var task = Task(pick.Node, inputs, asked++, pick.SameClass ? AuditMode.Exact : AuditMode.Batched);
        var (report, finding, evidence) = await AskAsync(task);
        if (report is null || finding is null)
            return null;
        note = finding.Note;
        bool same = finding.Kind == FindingKind.Same;
        opinions = opinions.With(new AuditOpinion(pick.Node, pick.Host, same, pick.SameClass, finding.Certain, task.Audit, evidence));
        if (same)
            await PassedByAsync(pick, task);
        else if (pick.SameClass && await DisputeAsync(pick, report, finding) is { Verdict: CheckVerdict.Wrong or CheckVerdict.Passed } settled)
            return await ListAsync(task.Audit, pick.Node, settled);
        return null;
    }

    /// <summary>Has a referee run the stage again in the receipt's class. It is the platform's own: what it gets proves who was wrong.</summary>
    private async Task<CheckResult?> RefereeAsync(NodeId referee)
    {
        context.SetCustomStatus($"referee {referee}");
        var task = Task(referee, inputs, RefereeAttempt + referees.Count, AuditMode.Exact);
        var (report, finding, evidence) = await AskAsync(task);
        if (report is null || finding is null)
            return null;
        if (finding.Kind == FindingKind.Same)
        {
            foreach (var liar in opinions.Doubts.Where(d => d.Certain || d.Exact))
                await SlashAsync(liar.Auditor, new Slash($"audit:{liar.Audit}", FaultKind.FalseAccusation, context.UtcNow, null, "A referee got what it had reported to be wrong."), [liar.Report, evidence], liar.Audit);
            return await ListAsync(task.Audit, referee, new CheckResult(CheckVerdict.Passed, null, null, "A referee got the same."));
        }

        string why = $"A referee ran the stage again: {finding.Note}";
        var reporter = opinions.Doubts.First();
        await SlashAsync(
            receipt.Signer.Node,
            new Slash(DisputeGame.ReceiptEvidence(receipt.Chain.Session, receipt.Stage), FaultKind.WrongResult, receipt.At, reporter.Host, why),
            [receipt.Evidence, evidence, reporter.Report],
            task.Audit);
        return await ListAsync(task.Audit, referee, new CheckResult(CheckVerdict.Wrong, receipt.Signer.Node, FaultKind.WrongResult, why));
    }

    private async Task<(AuditReport? Report, AuditFinding? Finding, Digest Evidence)> AskAsync(AuditTask task)
    {
        var run = await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
        if (run.Report is null && !input.Rules.Referees.Contains(task.Node))
            await ObserveAsync(task.Node, $"silent:{task.Audit}", ObservationKind.Absent, null);
        if (run.Report is not { Failure: null } report)
            return (null, null, default);
        var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(receipt, chunks.Blob, report), JobScope.Persistent);
        return finding.Kind == FindingKind.Unusable ? (null, null, default) : (report, finding, run.Evidence!.Value);
    }

    private AuditTask Task(NodeId node, EvidenceFound file, int attempt, AuditMode mode) => new(
        AuditTask.CurrentSchema,
        node,
        AuditId.Derive(receipt.Chain.Session, receipt.Stage, receipt.Choice, attempt),
        receipt.Manifest,
        receipt.Stage,
        receipt.PromptTokens,
        receipt.Committed.Tokens,
        file.Blob,
        file.Bytes,
        input.Chunks,
        mode,
        receipt.Draws,
        context.UtcNow + input.Rules.ReportPatience);

    /// <summary>Pays an auditor that found nothing, and perhaps looks whether it looked; who doubted against equal bits pays with its reputation.</summary>
    private async Task PassedByAsync(AuditorPick pick, AuditTask task)
    {
        await context.CallActivityAsync<bool>(
            PayAuditorActivity.Name, new AuditorPay(task.Audit, pick.Host, (long)(receipt.Reward * input.Rules.CostShare), context.UtcNow), JobScope.Persistent);
        if (task.Mode != AuditMode.Exact)
            return;
        foreach (var doubt in opinions.Doubts)
            await ObserveAsync(doubt.Auditor, $"doubt:{doubt.Audit}", ObservationKind.Wrong, null);
        // Only hashes show every change: a fingerprint may forgive the one that was planted, and an honest auditor would be slashed for it.
        if (input.Planted)
            await PlantAsync(pick);
    }

    /// <summary>
    /// An auditor that reports the claimed result of inputs that were changed cannot have computed it: both signatures prove that. The task has the form of any other, draws included.
    /// </summary>
    private async Task PlantAsync(AuditorPick pick)
    {
        var planted = await context.CallActivityAsync<EvidenceFound>(PlantErrorActivity.Name, new ErrorToPlant(receipt, inputs.Blob, input.Chunks[0]), JobScope.Persistent);
        var task = Task(pick.Node, planted, PlantedAttempt, AuditMode.Exact);
        var run = await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
        if (run.Report is not { Failure: null } report)
            return;
        var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(receipt, chunks.Blob, report), JobScope.Persistent);
        // Draws may differ or not: outputs alone show whether the planted chunk was run.
        if (finding.Kind is not (FindingKind.Same or FindingKind.Draws))
            return;
        await SlashAsync(
            pick.Node,
            new Slash($"audit:{task.Audit}", FaultKind.LazyAudit, context.UtcNow, null, "It reported the claimed result of inputs with a planted error."),
            [run.Evidence!.Value, planted.Blob],
            task.Audit);
    }

    private Task<CheckResult> DisputeAsync(AuditorPick pick, AuditReport report, AuditFinding finding)
    {
        var dispute = DisputeInput.Of(receipt, pick.Node, pick.Host, finding, report, chunks.Outputs, inputs, input.Rules);
        return context.CallChildAsync<CheckResult>(DisputeWorkflow.Name, dispute, dispute.Instance);
    }

    private async Task<CheckResult> ListAsync(AuditId audit, NodeId auditor, CheckResult result)
    {
        bool passed = result.Verdict == CheckVerdict.Passed;
        await ObserveAsync(
            receipt.Signer.Node, $"audit:{audit}", passed ? ObservationKind.Right : ObservationKind.Wrong,
            new AuditLine(audit.Value, receipt.Job.Value, receipt.Stage, auditor, passed, context.UtcNow, result.Note));
        return result;
    }

    private Task<bool> ObserveAsync(NodeId node, string id, ObservationKind kind, AuditLine? line) => context.CallActivityAsync<bool>(
        ObserveActivity.Name, new ObserveRequest([new NodeObservations(node, [new Observation(id, kind, context.UtcNow)], line)]), JobScope.Persistent);

    private Task<SlashAnswer> SlashAsync(NodeId node, Slash slash, IReadOnlyList<Digest> evidence, AuditId audit) => context.CallActivityAsync<SlashAnswer>(
        SlashActivity.Name, new SlashRequest(node, new ProvenFault(slash, evidence, audit.Value, receipt.Job.Value)), JobScope.Persistent);
}
