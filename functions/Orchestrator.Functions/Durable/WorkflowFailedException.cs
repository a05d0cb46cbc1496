using System.Text.Json;
using Microsoft.DurableTask;
using Orchestrator.Durable;

namespace Orchestrator.Functions.Durable;

/// <summary>
/// Fails an orchestration. Durable Functions keeps a type name, a message and a stack of it, so the failure itself travels as the message's last line; the first
/// is for whoever looks at the instance with its tools.
/// </summary>
internal sealed class WorkflowFailedException(FailureDetails failure)
    : Exception($"{failure.Type}: {failure.Message}\n{JsonSerializer.Serialize(failure, EnvelopeJson.Default.FailureDetails)}")
{
    private const int MaxDepth = 4;

    /// <summary>Reads a failure back, or takes over what the runtime itself says.</summary>
    public static FailureDetails Read(TaskFailureDetails? details)
    {
        for (var at = details; at is not null; at = at.InnerFailure)
        {
            if (at.ErrorType == typeof(WorkflowFailedException).FullName && Parse(at.ErrorMessage) is { } failure)
                return failure;
        }

        return Copy(details, MaxDepth) ?? new FailureDetails("Unknown", "The runtime gave no reason.");
    }

    private static FailureDetails? Copy(TaskFailureDetails? details, int depth) => details is null || depth == 0
        ? null
        : new FailureDetails(details.ErrorType, details.ErrorMessage, details.StackTrace, Copy(details.InnerFailure, depth - 1));

    private static FailureDetails? Parse(string message)
    {
        try
        {
            return JsonSerializer.Deserialize(message.AsSpan(message.LastIndexOf('\n') + 1), EnvelopeJson.Default.FailureDetails);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
