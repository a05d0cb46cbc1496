namespace Orchestrator.ControlPlane.Http;

/// <summary>Answer of the health routes.</summary>
/// <param name="Status"><c>ok</c> or what is missing.</param>
public sealed record HealthView(string Status);
