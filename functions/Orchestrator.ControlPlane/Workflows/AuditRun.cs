using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Asks one auditor once and waits for its report; instance id = audit id, so that reports find it.</summary>
public sealed class AuditRun : IWorkflow<AuditRunInput, AuditRunResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "audit-run";

    /// <summary>Event with a <see cref="ReportArrived"/>.</summary>
    public const string ReportEvent = "report";

    private static readonly RetryPolicy Patient = new(10_000, TimeSpan.FromMilliseconds(200)) { MaxDelay = TimeSpan.FromSeconds(5) };

    /// <inheritdoc />
    public async Task<AuditRunResult> RunAsync(IWorkflowContext context, AuditRunInput input)
    {
        try
        {
            await context.CallActivityAsync<bool>(SendAuditActivity.Name, input.Task, Patient with { Timeout = input.Patience });
            var arrived = await context.WaitForEventAsync<ReportArrived>(ReportEvent, input.Patience);
            return new AuditRunResult(arrived.Report, arrived.Evidence);
        }
        catch (Exception e) when (e is TimeoutException or ActivityFailedException)
        {
            return new AuditRunResult(null, null);
        }
    }
}

/// <summary>Input of <see cref="AuditRun"/>.</summary>
/// <param name="Task">What the auditor is asked; its report is checked against it before it gets here.</param>
/// <param name="Patience">How long it has.</param>
public sealed record AuditRunInput(AuditTask Task, TimeSpan Patience);

/// <summary>Event of an auditor's report, signature and bounds checked.</summary>
public sealed record ReportArrived(AuditReport Report, Digest Evidence);

/// <summary>What came of asking an auditor.</summary>
/// <param name="Report">Its report; null when none came.</param>
/// <param name="Evidence">Blob with the signed report.</param>
public sealed record AuditRunResult(AuditReport? Report, Digest? Evidence);
