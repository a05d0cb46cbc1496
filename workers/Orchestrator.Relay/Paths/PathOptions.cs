namespace Orchestrator.Relay.Paths;

/// <summary>How ways to peers are chosen.</summary>
public sealed record PathOptions
{
    /// <summary>The standard choice.</summary>
    public static PathOptions Default { get; } = new();

    /// <summary>How long a direct dial to a peer nobody has measured runs alone.</summary>
    public TimeSpan HeadStart { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Bounds of the head start of a measured peer, which is three times what its dials take.</summary>
    public (TimeSpan Least, TimeSpan Most) HeadStartBounds { get; init; } = (TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));

    /// <summary>When a direct dial is tried again after it failed; doubles with every failure.</summary>
    public TimeSpan Reprobe { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time between two tries.</summary>
    public TimeSpan LongestReprobe { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Weight of a new measurement.</summary>
    public double Weight { get; init; } = 0.25;

    /// <summary>The relay is preferred only where the direct round trip takes longer than this many times the relay's, and then some.</summary>
    public double RelayAdvantage { get; init; } = 1.5;

    /// <summary>The least gain for which a stranger's machine is put in between.</summary>
    public TimeSpan LeastGain { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Peers remembered.</summary>
    public int MaxPeers { get; init; } = 4096;
}
