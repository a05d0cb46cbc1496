namespace Orchestrator.Sidecar.Components;

/// <summary>A file among the components cannot be used; the message names the file, the place and the fix.</summary>
public sealed class ComponentException(string message, Exception? inner = null) : Exception(message, inner);
