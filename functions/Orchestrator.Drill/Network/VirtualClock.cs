namespace Orchestrator.Drill.Network;

/// <summary>A clock that moves only when told to.</summary>
public sealed class VirtualClock(DateTimeOffset start) : TimeProvider
{
    private DateTimeOffset now = start;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => now;

    /// <summary>Moves on.</summary>
    public void Advance(TimeSpan by) => now += by;
}
