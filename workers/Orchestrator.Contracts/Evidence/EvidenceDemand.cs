namespace Orchestrator.Contracts;

/// <summary>
/// Demands in public what a node's receipt says it keeps, after the node did not serve it. Sent on the node's work topic for as long as the demand is open, and listed by the
/// platform for everybody. The node answers by <c>POST</c>ing the file to <see cref="AnswerTo"/>, so that no witness can keep it from being heard.
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">Whose receipt it is.</param>
/// <param name="Demand">The demand.</param>
/// <param name="Session">The session.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="Kind">Which file.</param>
/// <param name="AnswerTo">Where the answer goes; the platform's own address.</param>
/// <param name="AnswerUntil">Least time there is for it.</param>
public sealed record EvidenceDemand(
    int SchemaVersion, NodeId Node, DemandId Demand, SessionId Session, int Stage, int Choice, EvidenceKind Kind, Uri AnswerTo, DateTimeOffset AnswerUntil)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Header of an answer: a <see cref="DemandAnswer"/> as a <see cref="SignedMessage"/>, JSON in base64.</summary>
    public const string AnswerHeader = "x-orchestrator-answer";

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem() => SchemaVersion != CurrentSchema ? $"its schema is {SchemaVersion}, not {CurrentSchema}"
        : Stage is < 0 or >= ManifestValidator.MaxStages || Choice is < 0 or >= Assignment.MaxChoices || !Enum.IsDefined(Kind) ? "its stage, choice or kind is out of range"
        : AnswerTo is not { IsAbsoluteUri: true, Scheme: "http" or "https" } ? "its address is not an absolute http or https address"
        : null;
}

/// <summary>Says who sends a file in answer to a demand: the node itself, or a witness that got it from the node.</summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">Who sends it; must equal the id derived from the signing key.</param>
/// <param name="Demand">The demand.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record DemandAnswer(int SchemaVersion, NodeId Node, DemandId Demand, DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
