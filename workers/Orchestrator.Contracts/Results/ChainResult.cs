namespace Orchestrator.Contracts;

/// <summary>How a chain's run of a job ended, signed by its edge and published on topic <see cref="Topics.Results"/>.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The edge; must equal the id derived from the signing key.</param>
/// <param name="Job">The job.</param>
/// <param name="Session">The chain's session.</param>
/// <param name="Chain">0-based number of the chain.</param>
/// <param name="Attempt">0-based dispatch attempt.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Choices">One per choice, in order; empty when it failed.</param>
/// <param name="Receipts">One signed receipt per stage, in order; empty when it failed.</param>
/// <param name="Timing">The edge's own clock.</param>
/// <param name="Failure">Why there is no answer; null when there is.</param>
/// <param name="Ticket"><see cref="EdgeTask.StreamTokenDigest"/> of the session: only who was given it can know it, so nobody can invent results of jobs to come.</param>
public sealed record ChainResult(
    int SchemaVersion,
    NodeId Node,
    JobId Job,
    SessionId Session,
    int Chain,
    int Attempt,
    int PromptTokens,
    IReadOnlyList<ChoiceResult> Choices,
    IReadOnlyList<SignedMessage> Receipts,
    ChainTiming Timing,
    ChainFailure? Failure,
    Digest? Ticket = null)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>One completion.</summary>
/// <param name="Tokens">Drawn tokens in order, the end token included if it was drawn.</param>
/// <param name="Text">Their text up to the end or stop sequence.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record ChoiceResult(IReadOnlyList<int> Tokens, string Text, FinishReason FinishReason);

/// <summary>Times measured by the edge, in microseconds.</summary>
/// <param name="OpenMicroseconds">From the assignment to the open chain.</param>
/// <param name="FirstTokenMicroseconds">From the open chain to the first drawn token.</param>
/// <param name="TotalMicroseconds">From the assignment to the last drawn token.</param>
public sealed record ChainTiming(long OpenMicroseconds, long FirstTokenMicroseconds, long TotalMicroseconds);

/// <summary>Why a chain has no answer.</summary>
/// <param name="Code">Machine-readable, see <see cref="FailureCodes"/>.</param>
/// <param name="Message">For people; names the stage.</param>
/// <param name="Stage">The stage that failed; null when unknown.</param>
public sealed record ChainFailure(string Code, string Message, int? Stage);

/// <summary>Values of <see cref="ChainFailure.Code"/>.</summary>
public static class FailureCodes
{
    /// <summary>A stage does not hold the shard, is draining or full.</summary>
    public const string Refused = "refused";

    /// <summary>A stage could not be reached or its stream broke.</summary>
    public const string Unreachable = "unreachable";

    /// <summary>The assignment ran out of time.</summary>
    public const string Expired = "expired";

    /// <summary>The session was cancelled.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The prompt and limits do not fit the context.</summary>
    public const string ContextExceeded = "context_exceeded";

    /// <summary>A stage's runtime failed.</summary>
    public const string Internal = "internal";
}
