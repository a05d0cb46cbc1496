using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane.Stake;

namespace Orchestrator.Functions.Activities;

/// <summary>Activities that move stake and reputation.</summary>
public sealed class StakeActivityFunctions(ActivityFunctions activities)
{
    /// <summary>Runs <see cref="BondActivity"/>.</summary>
    [Function(BondActivity.Name)]
    public Task<JsonElement> BondAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(BondActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="SlashActivity"/>.</summary>
    [Function(SlashActivity.Name)]
    public Task<JsonElement> SlashAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(SlashActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="ObserveActivity"/>.</summary>
    [Function(ObserveActivity.Name)]
    public Task<JsonElement> ObserveAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(ObserveActivity.Name, input, client, stopping);
}
