namespace Orchestrator.ControlPlane.Messages;

/// <summary>What becomes of a delivered message.</summary>
public enum Delivery
{
    /// <summary>Done, now or before.</summary>
    Accepted,

    /// <summary>Not worth another delivery: hostile, stale or malformed.</summary>
    Dropped,

    /// <summary>Could not be handled now; deliver it again.</summary>
    Retry,
}
