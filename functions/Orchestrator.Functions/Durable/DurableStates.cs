using System.Text.Json;
using Microsoft.DurableTask.Client;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>Instances as Durable Functions tells of them, in the port's words.</summary>
internal static class DurableStates
{
    /// <summary>Reads what was fetched with inputs and outputs.</summary>
    /// <param name="found">What the runtime tells.</param>
    /// <param name="customStatus">The custom status, as <see cref="LargeStatuses"/> reads it.</param>
    /// <param name="json">For who reads payloads.</param>
    /// <param name="now">The time.</param>
    public static WorkflowState Read(OrchestrationMetadata found, string? customStatus, JsonSerializerOptions json, DateTimeOffset now)
    {
        var envelope = WorkflowEnvelope.Read(found.SerializedInput);
        var status = Status(found.RuntimeStatus);
        return new WorkflowState
        {
            InstanceId = found.InstanceId,
            Name = found.Name,
            Version = envelope?.Version ?? "",
            Execution = envelope?.Execution ?? 0,
            // A later start is a timer of our own, so that events sent meanwhile are kept on every backend.
            Status = status == WorkflowStatus.Running && envelope?.StartAt > now ? WorkflowStatus.Pending : status,
            ParentInstanceId = envelope?.Parent,
            InputJson = envelope is null ? found.SerializedInput : Payload.Text(envelope.Input),
            OutputJson = status == WorkflowStatus.Completed ? found.SerializedOutput : null,
            CustomStatusJson = customStatus,
            Failure = status switch
            {
                WorkflowStatus.Failed => WorkflowFailedException.Read(found.FailureDetails),
                WorkflowStatus.Terminated => new FailureDetails("Terminated", Text(found.SerializedOutput)),
                _ => null,
            },
            BlockedBy = found.RuntimeStatus == OrchestrationRuntimeStatus.Suspended ? "Suspended by an operator; resume it." : null,
            CreatedAt = found.CreatedAt,
            UpdatedAt = found.LastUpdatedAt,
            Json = json,
        };
    }

    /// <summary>What the backend can filter by; <see cref="Matches"/> does the rest.</summary>
    public static OrchestrationQuery Filter(WorkflowQuery query) => new()
    {
        Statuses = query.Statuses?.SelectMany(Statuses).ToList(),
        InstanceIdPrefix = query.IdPrefix,
        CreatedTo = query.UpdatedBefore,
        FetchInputsAndOutputs = true,
    };

    /// <summary>Whether an instance is asked for.</summary>
    public static bool Matches(WorkflowQuery query, WorkflowState state) =>
        (query.Statuses?.Contains(state.Status) ?? true)
        && (query.IdPrefix is not { } prefix || state.InstanceId.StartsWith(prefix, StringComparison.Ordinal))
        && (query.Name is not { } name || state.Name == name)
        && (query.UpdatedBefore is not { } before || state.UpdatedAt < before);

    private static WorkflowStatus Status(OrchestrationRuntimeStatus status) => status switch
    {
        OrchestrationRuntimeStatus.Pending => WorkflowStatus.Pending,
        OrchestrationRuntimeStatus.Completed => WorkflowStatus.Completed,
        OrchestrationRuntimeStatus.Failed => WorkflowStatus.Failed,
        OrchestrationRuntimeStatus.Terminated => WorkflowStatus.Terminated,
        _ => WorkflowStatus.Running,
    };

    private static OrchestrationRuntimeStatus[] Statuses(WorkflowStatus status) => status switch
    {
        WorkflowStatus.Pending => [OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Running],
        WorkflowStatus.Running => [OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Suspended],
        WorkflowStatus.Completed => [OrchestrationRuntimeStatus.Completed],
        WorkflowStatus.Failed => [OrchestrationRuntimeStatus.Failed],
        _ => [OrchestrationRuntimeStatus.Terminated],
    };

    private static string Text(string? json)
    {
        try
        {
            return json is null ? "" : JsonSerializer.Deserialize<JsonElement>(json) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : json;
        }
        catch (JsonException)
        {
            return json!;
        }
    }
}
