using System.Diagnostics;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Edge;

namespace Orchestrator.Worker.Platform;

/// <summary>Signs the results of chains and hands them to the platform, in the trace of the request.</summary>
public sealed class ResultPublisher(SigningKey key, Outbox outbox)
{
    /// <summary>Returns once the platform has the result, or when its assignment has expired.</summary>
    /// <exception cref="OperationCanceledException">The node stops.</exception>
    public async Task PublishAsync(ChainResult result, Assignment assignment, CancellationToken cancel)
    {
        using var span = WorkerTelemetry.Spans.StartActivity("result", ActivityKind.Producer, TraceContext.Read(TraceContext.Parse(assignment.Trace)));
        span?.SetTag("session", assignment.Session.Value);
        var message = MessageSigning.Seal(MessageTypes.ChainResult, result, ContractsJson.Default.ChainResult, key);
        if (!await outbox.PublishAsync(Topics.Results, message, assignment.ExpiresAt, cancel))
            span?.SetStatus(ActivityStatusCode.Error, "the platform did not take it in time");
    }
}
