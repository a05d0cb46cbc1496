using System.Diagnostics;
using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Diagnostics;

/// <summary>
/// Spans of what passes through: <c>deliver</c>, from the broker's delivery of an assignment to what the node made of it, under the request whose context came in
/// the assignment; it has no outcome where the stream ended first. <c>publish</c>, from a node's message to the broker's answer, under the node's call. What came
/// without a context begins no trace: heartbeats would begin one each.
/// </summary>
internal static class GatewaySpans
{
    private static readonly ActivitySource Spans = new(GatewayTelemetry.Name);

    /// <summary>A delivery under a lease; null where it is not traced.</summary>
    public static Activity? Deliver(SignedMessage message)
    {
        if (!Spans.HasListeners() || message.Type != MessageTypes.Assignment || Read(message.Payload) is not { } assignment
            || !ActivityContext.TryParse(assignment.Trace, null, isRemote: true, out var request))
            return null;
        return Spans.StartActivity("deliver", ActivityKind.Consumer, request)
            ?.SetTag("orchestrator.job.id", assignment.Job.Value).SetTag("session", assignment.Session.Value).SetTag("stage", assignment.Stage);
    }

    /// <summary>A message of a node on its way to the broker; null where it is not traced.</summary>
    public static Activity? Publish(string topic) => Activity.Current is { } call && call.ParentSpanId != default
        ? Spans.StartActivity("publish", ActivityKind.Producer)?.SetTag("topic", topic)
        : null;

    private static Assignment? Read(byte[] payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, ContractsJson.Default.Assignment);
        }
        catch (JsonException)
        {
            // The node will say so.
            return null;
        }
    }
}
