using System.Text.Json;
using Microsoft.DurableTask;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Workflows;

/// <summary>What every orchestrator function does.</summary>
public sealed class WorkflowRunner
{
    private readonly DurableParts parts;

    internal WorkflowRunner(DurableParts parts) => this.parts = parts;

    /// <summary>Runs the registered workflow of the orchestration's name.</summary>
    public Task<JsonElement> RunAsync(TaskOrchestrationContext context) => DurableRun.RunAsync(context, parts);
}
