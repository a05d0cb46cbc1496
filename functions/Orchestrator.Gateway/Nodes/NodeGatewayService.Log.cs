using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Nodes;

internal static partial class NodeGatewayServiceLog
{
    [LoggerMessage(420, LogLevel.Information, "Node {Node} joined")]
    public static partial void Joined(this ILogger log, NodeId node);

    [LoggerMessage(421, LogLevel.Information, "Node {Node} left")]
    public static partial void Left(this ILogger log, NodeId node);

    [LoggerMessage(422, LogLevel.Warning, "Refused a login: {Reason}")]
    public static partial void LoginRefused(this ILogger log, string reason);

    [LoggerMessage(423, LogLevel.Warning, "The broker did not take a message on {Topic}: {Reason}")]
    public static partial void NotPublished(this ILogger log, string topic, string reason);
}
