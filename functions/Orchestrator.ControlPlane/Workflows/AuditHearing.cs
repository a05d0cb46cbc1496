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
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Asks auditors, and a referee where they doubt or there are none, until <see cref="AuditOpinions"/> says what follows. The evidence is there.</summary>
/// <param name="context">Of the workflow.</param>
/// <param name="input">What is audited.</param>
/// <param name="chunks">Its chunk file.</param>
/// <param name="inputs">Its input file.</param>
/// <param name="heard">Opinions of who was told to look by the job itself, and is not charged for a doubt that nobody can settle; null for none.</param>
/// <param name="hearing">Tells hearings of one receipt apart.</param>
internal sealed class AuditHearing(IWorkflowContext context, AuditInput input, EvidenceFound chunks, EvidenceFound inputs, AuditOpinions? heard = null, int hearing = 0)
{
    private const int PlantedAttempt = 1_000;
    private const int RefereeAttempt = 2_000;
    private const int AttemptsOfAHearing = 10_000;
    private const int Looks = 5;

    private readonly CheckedReceipt receipt = input.Receipt;
    private readonly List<NodeId> tried = [];
    private readonly Queue<NodeId> referees = new(input.Rules.Referees);
    private readonly DateTimeOffset lookUntil = context.UtcNow + input.Rules.AuditorPatience;
    private AuditOpinions opinions = heard ?? AuditOpinions.None;
    private string note = "";
    private int asked;
    private int attempts;
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
                    return await ListAsync(opinions.Given[^1].Audit, opinions.Given[^1].Auditor, new CheckResult(CheckVerdict.Passed, null, null, note));
                case AuditStep.Void:
                    await ChargeDoubtsAsync();
                    return await ListAsync(opinions.Given[^1].Audit, opinions.Given[^1].Auditor, new CheckResult(CheckVerdict.Undecided, null, null, note) { Voids = true });
                case AuditStep.LeaveOpen:
                    await ChargeDoubtsAsync();
                    return new CheckResult(CheckVerdict.Undecided, null, null, note);
                default:
                    return new CheckResult(CheckVerdict.NotDone, null, null, "No node could audit it.");
            }
        }
    }

    /// <summary>Asks another auditor, and waits for one for a while if there is none. Fingerprints only doubt: in the node's own class it is the auditor's bits that accuse.</summary>
    private async Task<CheckResult?> AuditorAsync()
    {
        var pick = await PickAsync(input.Hosts);
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

        if (input.Exact && !pick.SameClass && referees.Count > 0)
            return await RefereeAsync(referees.Dequeue());
        asked++;
        tried.Add(pick.Node);
        context.SetCustomStatus($"auditor {pick.Node}");
        var task = Task(pick.Node, inputs, attempts++, pick.Mode);
        var (report, finding, evidence) = await AskAsync(task);
        if (finding is { Kind: not FindingKind.Same } && pick.SameClass && task.Mode == AuditMode.Batched)
        {
            task = Task(pick.Node, inputs, attempts++, AuditMode.Exact);
            (report, finding, evidence) = await AskAsync(task);
        }

        if (report is null || finding is null)
            return null;
        note = finding.Note;
        bool same = finding.Kind == FindingKind.Same, exact = task.Mode == AuditMode.Exact;
        opinions = opinions.With(new AuditOpinion(pick.Node, pick.Host, same, exact, finding.Certain, pick.Vetted, task.Audit, evidence));
        if (same)
            await PassedByAsync(pick, task.Audit, exact);
        else if (exact && await DisputeAsync(pick, report, finding) is { Verdict: CheckVerdict.Wrong or CheckVerdict.Passed } settled)
            return await ListAsync(task.Audit, pick.Node, settled);
        return null;
    }

    private Task<AuditorPick?> PickAsync(IReadOnlyList<string> hosts) => context.CallActivityAsync<AuditorPick?>(
        PickAuditorActivity.Name, new AuditorOrder(receipt, input.Signature, hosts, [.. tried], input.Exact), JobScope.Persistent);

    /// <summary>Has a referee run the stage again in the receipt's class. It is the platform's own: what it gets proves who was wrong.</summary>
    private async Task<CheckResult?> RefereeAsync(NodeId referee)
    {
        context.SetCustomStatus($"referee {referee}");
        var task = Task(referee, inputs, AttemptsOfAHearing * hearing + RefereeAttempt + referees.Count, AuditMode.Exact);
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
        var reporter = opinions.Doubts.FirstOrDefault();
        await SlashAsync(
            receipt.Signer.Node,
            new Slash(DisputeGame.ReceiptEvidence(receipt.Chain.Session, receipt.Stage), FaultKind.WrongResult, receipt.At, reporter?.Host, why),
            reporter is null ? [receipt.Evidence, evidence] : [receipt.Evidence, evidence, reporter.Report],
            task.Audit);
        return await ListAsync(task.Audit, referee, new CheckResult(CheckVerdict.Wrong, receipt.Signer.Node, FaultKind.WrongResult, why));
    }

    private async Task<(AuditReport? Report, AuditFinding? Finding, Digest Evidence)> AskAsync(AuditTask task, int margin = 1)
    {
        var run = await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
        if (run.Report is null && !input.Rules.Referees.Contains(task.Node))
            await ObserveAsync(task.Node, $"silent:{task.Audit}", ObservationKind.Absent, null);
        if (run.Report is not { Failure: null } report)
            return (null, null, default);
        var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(receipt, chunks.Blob, report, margin), JobScope.Persistent);
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

    /// <summary>
    /// Pays an auditor that found nothing, for what it was asked at first: bits that do not bear out its own doubt are at its own cost. Perhaps looks whether auditors look; who
    /// doubted against equal bits pays with its reputation.
    /// </summary>
    private async Task PassedByAsync(AuditorPick pick, AuditId audit, bool exact)
    {
        await PayAsync(pick, audit);
        if (exact)
            await ChargeDoubtsAsync();
        if (input.Planted)
            await PlantAsync(pick);
    }

    /// <summary>A doubt that is not borne out costs the doubter as much of its score as a wrong answer does.</summary>
    private async Task ChargeDoubtsAsync()
    {
        foreach (var doubt in opinions.Doubts.Except(heard?.Given ?? []))
            await ObserveAsync(doubt.Auditor, $"doubt:{doubt.Audit}", ObservationKind.Wrong, null);
    }

    /// <summary>
    /// An auditor that reports the claimed result of inputs that were changed cannot have computed it. The task has the form of any other, mode, draws and pay included, and goes to
    /// somebody who has not seen the right inputs, if there is anybody else.
    /// </summary>
    private async Task PlantAsync(AuditorPick passed)
    {
        var pick = await PickAsync([.. input.Hosts, passed.Host]) ?? passed;
        var planted = await context.CallActivityAsync<EvidenceFound>(PlantErrorActivity.Name, new ErrorToPlant(receipt, inputs.Blob, input.Chunks[0]), JobScope.Persistent);
        var task = Task(pick.Node, planted, PlantedAttempt, pick.Mode);
        var (report, finding, evidence) = await AskAsync(task);
        // Draws may differ or not: outputs alone show whether the planted chunk was run.
        bool confirms = finding is { Kind: FindingKind.Same or FindingKind.Draws };
        if (report is not null && !confirms)
            await PayAsync(pick, task.Audit);
        if (!confirms)
            return;
        switch (await ShowsAsync(planted, pick.Mode))
        {
            case true:
                await SlashAsync(
                    pick.Node,
                    new Slash($"audit:{task.Audit}", FaultKind.LazyAudit, context.UtcNow, null, "It reported the claimed result of inputs with a planted error."),
                    [evidence, planted.Blob],
                    task.Audit);
                break;
            case null:
                await ObserveAsync(pick.Node, $"planted:{task.Audit}", ObservationKind.Wrong, null);
                break;
        }
    }

    /// <summary>
    /// Whether a planted error must have shown: a referee gets something else from it than what was claimed, and by fingerprint something far outside of the limits. Hashes hide nothing,
    /// so that they prove without a referee as well; of fingerprints null then, as nobody can say.
    /// </summary>
    private async Task<bool?> ShowsAsync(EvidenceFound planted, AuditMode mode)
    {
        for (int i = 0; i < input.Rules.Referees.Count; i++)
        {
            var task = Task(input.Rules.Referees[i], planted, PlantedAttempt + 1 + i, mode);
            var (_, finding, _) = await AskAsync(task, FingerprintThresholds.FarFactor);
            if (finding is not null && (mode == AuditMode.Exact || finding.Certain))
                return finding.Kind == FindingKind.Outputs;
        }

        return mode == AuditMode.Exact ? true : null;
    }

    private Task<bool> PayAsync(AuditorPick pick, AuditId audit) => context.CallActivityAsync<bool>(
        PayAuditorActivity.Name, new AuditorPay(audit, pick.Host, input.Rules.PriceOf(pick.Mode, receipt.Reward), context.UtcNow), JobScope.Persistent);

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
