using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Audits chunks of one receipt.
/// <code>
/// evidence of the node, checked against its receipt; again and again for as long as the rules say
///   not served -> demanded in public: it comes, or it is proven withheld, or nobody can say
/// auditor on another host -> runs the chunks again -> compared by hash (same class) or fingerprint
///   same      -> passed; perhaps a second task with a planted error, to see whether the auditor looks
///   different -> dispute with the auditor as challenger (same class only): wrong, or passed and the auditor is slashed
///   silent, or the dispute is void -> another auditor
/// no auditor left -> not done, or undecided if one had doubts that no dispute could settle
/// </code>
/// </summary>
public sealed class AuditWorkflow : IWorkflow<AuditInput, CheckResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "audit";

    private const int PlantedAttempt = 1_000;

    /// <inheritdoc />
    public async Task<CheckResult> RunAsync(IWorkflowContext context, AuditInput input)
    {
        var receipt = input.Receipt;
        var evidence = new EvidenceRounds(context, input.Rules.EvidencePatience);
        var (chunks, missing) = await evidence.DemandAsync(receipt, EvidenceKind.Chunks, input.Rules);
        (var inputs, missing) = chunks is null ? (null, missing) : await evidence.DemandAsync(receipt, EvidenceKind.Inputs, input.Rules);
        if (chunks is null || inputs is null)
            return missing!;

        List<NodeId> tried = [];
        string? doubt = null;
        while (tried.Count < input.Rules.Auditors)
        {
            var pick = await context.CallActivityAsync<AuditorPick?>(
                PickAuditorActivity.Name, new AuditorOrder(receipt, input.Signature, input.Hosts, [.. tried]), JobScope.Persistent);
            if (pick is null)
                break;
            tried.Add(pick.Node);
            context.SetCustomStatus($"auditor {pick.Node}");
            var task = Ask(context, input, pick, inputs, tried.Count - 1);
            var run = await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
            if (run.Report is not { Failure: null } report)
            {
                if (run.Report is null)
                    await ObserveAsync(context, pick.Node, $"silent:{task.Audit}", ObservationKind.Absent, null);
                continue;
            }

            var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(receipt, chunks.Blob, report), JobScope.Persistent);
            if (finding.Kind == FindingKind.Unusable)
                continue;
            if (finding.Kind == FindingKind.Same)
                return await PassAsync(context, input, pick, inputs, chunks, task, finding);
            doubt = finding.Note;
            if (!pick.SameClass)
                continue;
            var settled = await DisputeAsync(context, input, pick, report, finding, chunks, inputs);
            if (settled.Verdict is CheckVerdict.Wrong or CheckVerdict.Passed)
                return await ListAsync(context, receipt, task.Audit, pick.Node, settled);
        }

        return doubt is null
            ? new CheckResult(CheckVerdict.NotDone, null, null, "No node could audit it.")
            : new CheckResult(CheckVerdict.Undecided, null, null, doubt);
    }

    private static AuditTask Ask(IWorkflowContext context, AuditInput input, AuditorPick pick, EvidenceFound inputs, int attempt)
    {
        var receipt = input.Receipt;
        return new AuditTask(
            AuditTask.CurrentSchema,
            pick.Node,
            AuditId.Derive(receipt.Chain.Session, receipt.Stage, receipt.Choice, attempt),
            receipt.Manifest,
            receipt.Stage,
            receipt.PromptTokens,
            receipt.Committed.Tokens,
            inputs.Blob,
            inputs.Bytes,
            input.Chunks,
            pick.SameClass ? AuditMode.Exact : AuditMode.Batched,
            receipt.Draws,
            context.UtcNow + input.Rules.ReportPatience);
    }

    private static async Task<CheckResult> PassAsync(
        IWorkflowContext context, AuditInput input, AuditorPick pick, EvidenceFound inputs, EvidenceFound chunks, AuditTask task, AuditFinding finding)
    {
        var receipt = input.Receipt;
        await context.CallActivityAsync<bool>(
            PayAuditorActivity.Name, new AuditorPay(task.Audit, pick.Host, (long)(receipt.Reward * input.Rules.CostShare), context.UtcNow), JobScope.Persistent);
        // Only hashes show every change: a fingerprint may forgive the one that was planted, and an honest auditor would be slashed for it.
        if (input.Planted && task.Mode == AuditMode.Exact)
            await PlantAsync(context, input, pick, inputs, chunks);
        return await ListAsync(context, receipt, task.Audit, pick.Node, new CheckResult(CheckVerdict.Passed, null, null, finding.Note));
    }

    /// <summary>An auditor that reports the claimed result of inputs that were changed cannot have computed it: both signatures prove that.</summary>
    private static async Task PlantAsync(IWorkflowContext context, AuditInput input, AuditorPick pick, EvidenceFound inputs, EvidenceFound chunks)
    {
        var planted = await context.CallActivityAsync<EvidenceFound>(PlantErrorActivity.Name, new ErrorToPlant(input.Receipt, inputs.Blob, input.Chunks[0]), JobScope.Persistent);
        var task = Ask(context, input, pick, planted, PlantedAttempt) with { Draws = null };
        var run = await context.CallChildAsync<AuditRunResult>(AuditRun.Name, new AuditRunInput(task, input.Rules.ReportPatience), task.Audit.Value);
        if (run.Report is not { Failure: null } report)
            return;
        var finding = await context.CallActivityAsync<AuditFinding>(CompareAuditActivity.Name, new AuditToCompare(input.Receipt, chunks.Blob, report), JobScope.Persistent);
        if (finding.Kind != FindingKind.Same)
            return;
        await SlashAsync(context, pick.Node, new ProvenFault(
            new Slash($"audit:{task.Audit}", FaultKind.LazyAudit, context.UtcNow, null, "It reported the claimed result of inputs with a planted error."),
            [run.Evidence!.Value, planted.Blob],
            task.Audit.Value,
            input.Receipt.Job.Value));
    }

    private static Task<CheckResult> DisputeAsync(
        IWorkflowContext context, AuditInput input, AuditorPick pick, AuditReport report, AuditFinding finding, EvidenceFound chunks, EvidenceFound inputs)
    {
        var dispute = DisputeInput.Of(input.Receipt, pick.Node, pick.Host, finding, report, chunks.Outputs, inputs, input.Rules);
        return context.CallChildAsync<CheckResult>(DisputeWorkflow.Name, dispute, dispute.Instance);
    }

    private static async Task<CheckResult> ListAsync(IWorkflowContext context, CheckedReceipt receipt, AuditId audit, NodeId auditor, CheckResult result)
    {
        bool passed = result.Verdict == CheckVerdict.Passed;
        await ObserveAsync(
            context, receipt.Signer.Node, $"audit:{audit}", passed ? ObservationKind.Right : ObservationKind.Wrong,
            new AuditLine(audit.Value, receipt.Job.Value, receipt.Stage, auditor, passed, context.UtcNow, result.Note));
        return result;
    }

    private static Task<bool> ObserveAsync(IWorkflowContext context, NodeId node, string id, ObservationKind kind, AuditLine? line) => context.CallActivityAsync<bool>(
        ObserveActivity.Name, new ObserveRequest([new NodeObservations(node, [new Observation(id, kind, context.UtcNow)], line)]), JobScope.Persistent);

    private static Task<SlashAnswer> SlashAsync(IWorkflowContext context, NodeId node, ProvenFault fault) =>
        context.CallActivityAsync<SlashAnswer>(SlashActivity.Name, new SlashRequest(node, fault), JobScope.Persistent);
}
