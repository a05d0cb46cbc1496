namespace Orchestrator.Worker.Gateway;

/// <summary>A gateway refused or was lost; the message is for the node's operator.</summary>
public sealed class GatewayException(string message, Exception? inner = null) : Exception(message, inner);
