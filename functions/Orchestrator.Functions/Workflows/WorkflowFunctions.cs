using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.ControlPlane.Workflows;

namespace Orchestrator.Functions.Workflows;

/// <summary>One orchestrator function per workflow; its name is the workflow's.</summary>
public sealed class WorkflowFunctions(WorkflowRunner workflows)
{
    /// <summary>Runs <see cref="BondTransfer"/>.</summary>
    [Function(BondTransfer.Name)]
    public Task<JsonElement> BondTransferAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="WebhookDelivery"/>.</summary>
    [Function(WebhookDelivery.Name)]
    public Task<JsonElement> WebhookDeliveryAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="AuditWorkflow"/>.</summary>
    [Function(AuditWorkflow.Name)]
    public Task<JsonElement> AuditAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="AuditRun"/>.</summary>
    [Function(AuditRun.Name)]
    public Task<JsonElement> AuditRunAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="DisputeWorkflow"/>.</summary>
    [Function(DisputeWorkflow.Name)]
    public Task<JsonElement> DisputeAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="BlameWorkflow"/>.</summary>
    [Function(BlameWorkflow.Name)]
    public Task<JsonElement> BlameAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="ToleranceWorkflow"/>.</summary>
    [Function(ToleranceWorkflow.Name)]
    public Task<JsonElement> ToleranceAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="DemandWorkflow"/>.</summary>
    [Function(DemandWorkflow.Name)]
    public Task<JsonElement> DemandAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="EvidenceWorkflow"/>.</summary>
    [Function(EvidenceWorkflow.Name)]
    public Task<JsonElement> EvidenceAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="WitnessRun"/>.</summary>
    [Function(WitnessRun.Name)]
    public Task<JsonElement> WitnessRunAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);

    /// <summary>Runs <see cref="InferenceJob"/>.</summary>
    [Function(InferenceJob.Name)]
    public Task<JsonElement> InferenceJobAsync([OrchestrationTrigger] TaskOrchestrationContext context) => workflows.RunAsync(context);
}
