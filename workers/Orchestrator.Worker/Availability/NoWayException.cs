namespace Orchestrator.Worker.Availability;

/// <summary>This node has no way to another, which says nothing of the other.</summary>
public sealed class NoWayException(string message, Exception? inner = null) : IOException(message, inner);
