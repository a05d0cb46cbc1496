using System.Text.Json;

namespace Orchestrator.Functions.Durable;

/// <summary>What an orchestration gets as its input: the port knows more about an instance than Durable Functions keeps.</summary>
/// <param name="Version">Registered version that the instance is pinned to.</param>
/// <param name="Execution">Number of this execution; part of every idempotency key.</param>
/// <param name="Parent">Instance that started it as a child.</param>
/// <param name="StartAt">Its code does not run before this moment.</param>
/// <param name="Input">The workflow's own input.</param>
/// <param name="Carried">Events that the execution before took in and did not process.</param>
internal sealed record WorkflowEnvelope(
    string Version, long Execution, string? Parent, DateTimeOffset? StartAt, JsonElement? Input, IReadOnlyList<CarriedEvent>? Carried = null)
{
    /// <summary>Reads an orchestration's input; null when something else than <see cref="DurableWorkflowClient"/> started it.</summary>
    public static WorkflowEnvelope? Read(string? json)
    {
        if (json is null)
            return null;
        try
        {
            return JsonSerializer.Deserialize(json, EnvelopeJson.Default.WorkflowEnvelope) is { Version.Length: > 0 } envelope ? envelope : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public JsonElement ToJson() => JsonSerializer.SerializeToElement(this, EnvelopeJson.Default.WorkflowEnvelope);
}

/// <summary>An event on its way from one execution to the next.</summary>
internal sealed record CarriedEvent(string Name, JsonElement? Payload);
