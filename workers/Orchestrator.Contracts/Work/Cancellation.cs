namespace Orchestrator.Contracts;

/// <summary>Ends a session at once: its caches are freed and no result is expected.</summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The node it is for.</param>
/// <param name="Session">The session to end; unknown ones are remembered until <paramref name="ExpiresAt"/> so a late assignment is refused.</param>
/// <param name="ExpiresAt">When the session's assignment expires.</param>
public sealed record Cancellation(int SchemaVersion, NodeId Node, SessionId Session, DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
