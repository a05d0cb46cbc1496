namespace Orchestrator.Contracts;

/// <summary>
/// Asks a node to show that it reaches the door where it would answer a public demand, before anything is demanded: it posts a signed <see cref="DemandAnswer"/> for
/// <see cref="DemandId.OfDoor"/> without a file, by the way on which its answers go. Sent until the node has been heard there, and from time to time.
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">Who is asked.</param>
/// <param name="AnswerTo">The door; the platform's own address.</param>
/// <param name="ExpiresAt">Nobody waits for it after this.</param>
public sealed record DoorCheck(int SchemaVersion, NodeId Node, Uri AnswerTo, DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem() => SchemaVersion != CurrentSchema ? $"its schema is {SchemaVersion}, not {CurrentSchema}"
        : AnswerTo is not { IsAbsoluteUri: true, Scheme: "http" or "https" } ? "its address is not an absolute http or https address"
        : null;
}
