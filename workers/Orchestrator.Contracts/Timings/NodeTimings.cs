namespace Orchestrator.Contracts;

/// <summary>
/// Where the time of a session went on one node: answer to a <see cref="TimingsRequest"/>. It is telemetry by the node's own clock, neither signed nor checked
/// against anything: nobody is paid or blamed by it.
/// </summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Session">The session.</param>
/// <param name="Stages">The stages that the node ran, by stage.</param>
/// <param name="Edge">What the edge saw; null on every other node.</param>
public sealed record NodeTimings(int SchemaVersion, SessionId Session, IReadOnlyList<StageTimings> Stages, EdgeTimings? Edge)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>One stage's passes in the order they ran.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Passes">Its passes.</param>
public sealed record StageTimings(int Stage, IReadOnlyList<PassTiming> Passes);

/// <summary>One pass through one stage; times in microseconds.</summary>
/// <param name="Choice">The completion.</param>
/// <param name="Position">Absolute position of its first token.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Queue">From the frame to the runtime.</param>
/// <param name="Compute">In the runtime.</param>
/// <param name="Send">From the runtime to the link; on the last stage with the draw.</param>
/// <param name="Commit">Hashing, fingerprints and evidence, after the output was on its way.</param>
public sealed record PassTiming(int Choice, int Position, int Tokens, long Queue, long Compute, long Send, long Commit);

/// <summary>What the edge saw of its chain; times in microseconds.</summary>
/// <param name="Open">From the assignment to the open chain.</param>
/// <param name="FirstToken">From the open chain to the first token.</param>
/// <param name="Total">From the assignment to the last token.</param>
/// <param name="Trips">One per pass, in the order they were answered.</param>
public sealed record EdgeTimings(long Open, long FirstToken, long Total, IReadOnlyList<TripTiming> Trips);

/// <summary>One pass from the edge through the whole chain and back; times in microseconds.</summary>
/// <param name="Choice">The completion.</param>
/// <param name="Position">Absolute position of its first token.</param>
/// <param name="Drew">Whether it drew a token.</param>
/// <param name="At">When the edge sent it, after the assignment.</param>
/// <param name="Trip">Until the answer was back.</param>
public sealed record TripTiming(int Choice, int Position, bool Drew, long At, long Trip);

/// <summary>Asks a node where the time of a session went: body of <c>POST {stream endpoint}/timings</c> as a <see cref="SignedMessage"/> of the platform.</summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The node it is for.</param>
/// <param name="Session">The session.</param>
/// <param name="ExpiresAt">The node ignores it from then on; at most <see cref="LongestLife"/> ahead.</param>
public sealed record TimingsRequest(int SchemaVersion, NodeId Node, SessionId Session, DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Longest life of a request.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);
}
