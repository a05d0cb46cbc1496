using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane.Availability;

namespace Orchestrator.Functions.Activities;

/// <summary>Activities of demands of evidence.</summary>
public sealed class DemandActivityFunctions(ActivityFunctions activities)
{
    /// <summary>Runs <see cref="SendDemandActivity"/>.</summary>
    [Function(SendDemandActivity.Name)]
    public Task<JsonElement> SendDemandAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(SendDemandActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="PickWitnessesActivity"/>.</summary>
    [Function(PickWitnessesActivity.Name)]
    public Task<JsonElement> PickWitnessesAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(PickWitnessesActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="HearNodeActivity"/>.</summary>
    [Function(HearNodeActivity.Name)]
    public Task<JsonElement> HearNodeAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(HearNodeActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="OweActivity"/>.</summary>
    [Function(OweActivity.Name)]
    public Task<JsonElement> OweAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(OweActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="SendWitnessActivity"/>.</summary>
    [Function(SendWitnessActivity.Name)]
    public Task<JsonElement> SendWitnessAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(SendWitnessActivity.Name, input, client, stopping);
}
