namespace Orchestrator.Relay.Paths;

/// <summary>How bytes get to a peer.</summary>
public enum LinkPath
{
    /// <summary>Dialled at its own endpoint.</summary>
    Direct,

    /// <summary>Through its relay.</summary>
    Relay,
}

/// <summary>What to try.</summary>
/// <param name="First">At once.</param>
/// <param name="Second">After the head start, or when the first fails; null when there is no other way.</param>
/// <param name="HeadStart">Of the first.</param>
public sealed record PathPlan(LinkPath First, LinkPath? Second, TimeSpan HeadStart);
