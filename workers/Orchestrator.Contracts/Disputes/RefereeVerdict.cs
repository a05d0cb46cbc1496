using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>A referee's answer, signed and published on topic <see cref="Topics.Audits"/>.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The referee; must equal the id derived from the signing key.</param>
/// <param name="Dispute">The dispute.</param>
/// <param name="Attempt">Of the task.</param>
/// <param name="Question">Of the task.</param>
/// <param name="Outcome">Who is right.</param>
/// <param name="StepsPerPass">Steps of one pass of the shard; 0 when it could not be read.</param>
/// <param name="Correct">The right leaf or chunk hash; null when it was not computed.</param>
/// <param name="Class">The class it judged in.</param>
/// <param name="Reason">For people: the operator, the position, or what is wrong with the evidence; at most 500 characters.</param>
/// <param name="ComputeMicroseconds">Time inside the runtime.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record RefereeVerdict(
    int SchemaVersion,
    NodeId Node,
    DisputeId Dispute,
    int Attempt,
    RefereeQuestion Question,
    RefereeOutcome Outcome,
    int StepsPerPass,
    Digest? Correct,
    ExecutionClass Class,
    string Reason,
    long ComputeMicroseconds,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Longest reason, in characters.</summary>
    public const int MaxReason = 500;
}

/// <summary>How a referee decides.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefereeOutcome>))]
public enum RefereeOutcome
{
    /// <summary>The defender's claim is right.</summary>
    [JsonStringEnumMemberName("defender")]
    Defender,

    /// <summary>The challenger's claim is right; for <see cref="RefereeQuestion.Draws"/>, a draw is wrong.</summary>
    [JsonStringEnumMemberName("challenger")]
    Challenger,

    /// <summary>Both claims are wrong.</summary>
    [JsonStringEnumMemberName("neither")]
    Neither,

    /// <summary>The evidence does not fit what was agreed: whoever supplied it withholds.</summary>
    [JsonStringEnumMemberName("bad-evidence")]
    BadEvidence,

    /// <summary>The referee cannot judge (another class, no shard, no blob); nobody's fault, ask another.</summary>
    [JsonStringEnumMemberName("cannot-judge")]
    CannotJudge,

    /// <summary>The steps per pass were counted; only for <see cref="RefereeQuestion.Operators"/>.</summary>
    [JsonStringEnumMemberName("counted")]
    Counted,
}
