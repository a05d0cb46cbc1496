using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Asks one witness in one round and waits for its report.</summary>
public sealed class WitnessRun : IWorkflow<WitnessRunInput, WitnessRunResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "witness-run";

    /// <summary>Event with a <see cref="SightingArrived"/>.</summary>
    public const string ReportEvent = "sighting";

    private static readonly RetryPolicy Patient = new(10_000, TimeSpan.FromMilliseconds(200)) { MaxDelay = TimeSpan.FromSeconds(5) };

    /// <summary>Instance id of a witness' run.</summary>
    public static string InstanceOf(DemandId demand, int round, NodeId witness) => $"witness:{demand}:{round}:{witness}";

    /// <inheritdoc />
    public async Task<WitnessRunResult> RunAsync(IWorkflowContext context, WitnessRunInput input)
    {
        try
        {
            await context.CallActivityAsync<bool>(SendWitnessActivity.Name, input.Task, Patient with { Timeout = input.Patience });
            var arrived = await context.WaitForEventAsync<SightingArrived>(ReportEvent, input.Patience);
            return new WitnessRunResult(arrived.Report.Saw, arrived.Evidence);
        }
        catch (Exception e) when (e is TimeoutException or ActivityFailedException)
        {
            return new WitnessRunResult(null, null);
        }
    }
}

/// <summary>Input of <see cref="WitnessRun"/>.</summary>
/// <param name="Task">What the witness is asked.</param>
/// <param name="Patience">How long it has.</param>
public sealed record WitnessRunInput(WitnessToSend Task, TimeSpan Patience);

/// <summary>Event of a witness' report, signature and bounds checked.</summary>
public sealed record SightingArrived(WitnessReport Report, Digest Evidence);

/// <summary>What came of asking a witness.</summary>
/// <param name="Saw">What it saw; null when no report came.</param>
/// <param name="Evidence">Blob with the signed report.</param>
public sealed record WitnessRunResult(Sighting? Saw, Digest? Evidence);
