namespace Orchestrator.Sidecar.Tests.Kit;

/// <summary>How long tests wait for a signal before they give up and say what they saw.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(20);
}
