using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane.Audits;

namespace Orchestrator.Functions.Activities;

/// <summary>Activities of audits.</summary>
public sealed class AuditActivityFunctions(ActivityFunctions activities)
{
    /// <summary>Runs <see cref="DrawActivity"/>.</summary>
    [Function(DrawActivity.Name)]
    public Task<JsonElement> DrawAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(DrawActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="FetchEvidenceActivity"/>.</summary>
    [Function(FetchEvidenceActivity.Name)]
    public Task<JsonElement> FetchEvidenceAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(FetchEvidenceActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="PickAuditorActivity"/>.</summary>
    [Function(PickAuditorActivity.Name)]
    public Task<JsonElement> PickAuditorAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(PickAuditorActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="SendAuditActivity"/>.</summary>
    [Function(SendAuditActivity.Name)]
    public Task<JsonElement> SendAuditAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(SendAuditActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="CompareAuditActivity"/>.</summary>
    [Function(CompareAuditActivity.Name)]
    public Task<JsonElement> CompareAuditAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(CompareAuditActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="PayAuditorActivity"/>.</summary>
    [Function(PayAuditorActivity.Name)]
    public Task<JsonElement> PayAuditorAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(PayAuditorActivity.Name, input, client, stopping);

    /// <summary>Runs <see cref="PlantErrorActivity"/>.</summary>
    [Function(PlantErrorActivity.Name)]
    public Task<JsonElement> PlantErrorAsync([ActivityTrigger] JsonElement input, [DurableClient] DurableTaskClient client, CancellationToken stopping) =>
        activities.RunAsync(PlantErrorActivity.Name, input, client, stopping);
}
