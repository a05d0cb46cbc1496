using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Topic <see cref="Topics.Audits"/>: reports of auditors and witnesses, and verdicts of referees. Only who was asked is heard, and what is heard is kept as evidence.
/// </summary>
public sealed class AuditMessages(IWorkflowClient workflows, IBlobStore blobs, ControlPlaneOptions options)
{
    /// <summary>Takes a message in.</summary>
    public Task<(Delivery Delivery, string? Reason)> HandleAsync(SignedMessage message, CancellationToken cancel) => message.Type switch
    {
        MessageTypes.AuditReport => ReportAsync(message, cancel),
        MessageTypes.RefereeVerdict => VerdictAsync(message, cancel),
        MessageTypes.WitnessReport => SightingAsync(message, cancel),
        _ => Task.FromResult((Delivery.Dropped, (string?)"type: unknown")),
    };

    private async Task<(Delivery, string?)> ReportAsync(SignedMessage message, CancellationToken cancel)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.AuditReport, ContractsJson.Default.AuditReport, out var report, out string? error))
            return (Delivery.Dropped, $"signature: {error}");
        var state = await workflows.GetAsync(report.Audit.Value, cancel);
        if (state is not { Name: AuditRun.Name } || state.ReadInput<AuditRunInput>() is not { } input || MessageSigning.Signer(message) != input.Task.Node)
            return (Delivery.Dropped, "audit: this node was asked for no such audit");
        if (state.IsFinished)
            return (Delivery.Accepted, null);
        if (AuditChecks.Problem(report, input.Task) is { } problem)
            return (Delivery.Dropped, $"report: {problem}");
        return await RaiseAsync(state.InstanceId, AuditRun.ReportEvent, new ReportArrived(report, await KeepAsync(message, cancel)), cancel);
    }

    private async Task<(Delivery, string?)> VerdictAsync(SignedMessage message, CancellationToken cancel)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.RefereeVerdict, ContractsJson.Default.RefereeVerdict, out var verdict, out string? error))
            return (Delivery.Dropped, $"signature: {error}");
        var signer = MessageSigning.Signer(message);
        if (verdict.Node != signer || !options.Audits.Referees.Contains(signer.Value))
            return (Delivery.Dropped, "referee: it is none of the platform's");
        var state = await workflows.GetAsync(verdict.Dispute.Value, cancel);
        if (state is not { Name: DisputeWorkflow.Name })
            return (Delivery.Dropped, "dispute: unknown");
        return state.IsFinished
            ? (Delivery.Accepted, null)
            : await RaiseAsync(state.InstanceId, DisputeWorkflow.VerdictEvent, new VerdictArrived(verdict, await KeepAsync(message, cancel)), cancel);
    }

    private async Task<(Delivery, string?)> SightingAsync(SignedMessage message, CancellationToken cancel)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.WitnessReport, ContractsJson.Default.WitnessReport, out var report, out string? error))
            return (Delivery.Dropped, $"signature: {error}");
        if (MessageSigning.Signer(message) != report.Node)
            return (Delivery.Dropped, "signer: the report is of another node");
        if (report.Problem() is { } problem)
            return (Delivery.Dropped, $"report: {problem}");
        // The instance id names the witness, so whoever was not asked finds none.
        var state = await workflows.GetAsync(WitnessRun.InstanceOf(report.Demand, report.Round, report.Node), cancel);
        if (state is not { Name: WitnessRun.Name })
            return (Delivery.Dropped, "demand: this node was asked for no such report");
        return state.IsFinished
            ? (Delivery.Accepted, null)
            : await RaiseAsync(state.InstanceId, WitnessRun.ReportEvent, new SightingArrived(report, await KeepAsync(message, cancel)), cancel);
    }

    private async Task<(Delivery, string?)> RaiseAsync(string instance, string name, object payload, CancellationToken cancel) =>
        await workflows.RaiseEventAsync(instance, name, payload, cancel) == RaiseOutcome.NotFound ? (Delivery.Retry, null) : (Delivery.Accepted, null);

    private async Task<Digest> KeepAsync(SignedMessage message, CancellationToken cancel)
    {
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage));
        return await blobs.PutAsync(content, cancel);
    }
}
