using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Disputes;

namespace Orchestrator.Functions.Activities;

/// <summary>Activities of disputes.</summary>
public sealed class DisputeActivityFunctions(ActivityFunctions activities)
{
    /// <summary>Runs <see cref="BlameActivity"/>.</summary>
    [Function(BlameActivity.Name)]
    public Task<JsonElement> BlameAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(BlameActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="AskStatesActivity"/>.</summary>
    [Function(AskStatesActivity.Name)]
    public Task<JsonElement> AskStatesAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(AskStatesActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="OpenLeafActivity"/>.</summary>
    [Function(OpenLeafActivity.Name)]
    public Task<JsonElement> OpenLeafAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(OpenLeafActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="FetchTraceActivity"/>.</summary>
    [Function(FetchTraceActivity.Name)]
    public Task<JsonElement> FetchTraceAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(FetchTraceActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="SendRefereeActivity"/>.</summary>
    [Function(SendRefereeActivity.Name)]
    public Task<JsonElement> SendRefereeAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(SendRefereeActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="ChallengeBondActivity"/>.</summary>
    [Function(ChallengeBondActivity.Name)]
    public Task<JsonElement> ChallengeBondAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(ChallengeBondActivity.Name, input, client, stopping);
}
