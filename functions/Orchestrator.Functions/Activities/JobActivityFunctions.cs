using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Activities;

/// <summary>Activities of jobs and their webhooks.</summary>
public sealed class JobActivityFunctions(ActivityFunctions activities)
{
    /// <summary>Runs <see cref="DeliverWebhookActivity"/>.</summary>
    [Function(DeliverWebhookActivity.Name)]
    public Task<JsonElement> DeliverWebhookAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(DeliverWebhookActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="NotifyActivity"/>.</summary>
    [Function(NotifyActivity.Name)]
    public Task<JsonElement> NotifyAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(NotifyActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="HoldActivity"/>.</summary>
    [Function(HoldActivity.Name)]
    public Task<JsonElement> HoldAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(HoldActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="PlanActivity"/>.</summary>
    [Function(PlanActivity.Name)]
    public Task<JsonElement> PlanAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(PlanActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="DispatchActivity"/>.</summary>
    [Function(DispatchActivity.Name)]
    public Task<JsonElement> DispatchAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(DispatchActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="ProbeActivity"/>.</summary>
    [Function(ProbeActivity.Name)]
    public Task<JsonElement> ProbeAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(ProbeActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="StreamedActivity"/>.</summary>
    [Function(StreamedActivity.Name)]
    public Task<JsonElement> StreamedAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(StreamedActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="CancelChainsActivity"/>.</summary>
    [Function(CancelChainsActivity.Name)]
    public Task<JsonElement> CancelChainsAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(CancelChainsActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="SettleActivity"/>.</summary>
    [Function(SettleActivity.Name)]
    public Task<JsonElement> SettleAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(SettleActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="ReleaseActivity"/>.</summary>
    [Function(ReleaseActivity.Name)]
    public Task<JsonElement> ReleaseAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(ReleaseActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="ClaimChildActivity"/>.</summary>
    [Function(ClaimChildActivity.Name)]
    public Task<JsonElement> ClaimChildAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(ClaimChildActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="KeepStatusActivity"/>.</summary>
    [Function(KeepStatusActivity.Name)]
    public Task<JsonElement> KeepStatusAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(KeepStatusActivity.Name, input, client, stopping);
}
