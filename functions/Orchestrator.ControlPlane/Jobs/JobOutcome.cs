using Orchestrator.Contracts;
using Orchestrator.ControlPlane.OpenAi;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>How a job ended: the workflow's output.</summary>
/// <param name="Phase">Completed, overturned, failed or cancelled; provisional for one that was only announced.</param>
/// <param name="Answer">The agreed answer; null unless it was delivered.</param>
/// <param name="Failure">Why there is none, or why it does not count; null when completed.</param>
public sealed record JobOutcome(JobPhase Phase, JobAnswer? Answer, JobFailure? Failure)
{
    /// <summary>Micro-credits it cost.</summary>
    public long Charged { get; init; }

    /// <summary>Audits and disputes of the answer.</summary>
    public IReadOnlyList<CheckView> Checks { get; init; } = [];
}

/// <summary>An answer that was delivered.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Choices">One per choice, in order.</param>
/// <param name="Info">How it was made, checked and paid.</param>
public sealed record JobAnswer(int PromptTokens, IReadOnlyList<ChoiceResult> Choices, OrchestratorInfo Info)
{
    /// <summary>Tokens drawn over all choices.</summary>
    public int CompletionTokens => Choices.Sum(c => c.Tokens.Count);
}

/// <summary>Why a job has no answer.</summary>
/// <param name="Code">Machine-readable, see <see cref="JobFailureCodes"/>.</param>
/// <param name="Message">For people.</param>
public sealed record JobFailure(string Code, string Message);

/// <summary>Values of <see cref="JobFailure.Code"/>.</summary>
public static class JobFailureCodes
{
    /// <summary>The deadline passed.</summary>
    public const string DeadlineExceeded = "deadline_exceeded";

    /// <summary>Chains gave different answers and no majority.</summary>
    public const string Disagreement = "chains_disagree";

    /// <summary>Chains failed again and again.</summary>
    public const string ChainsFailed = "chains_failed";

    /// <summary>The prompt and limits do not fit.</summary>
    public const string ContextExceeded = "context_length_exceeded";

    /// <summary>The account cannot pay.</summary>
    public const string InsufficientQuota = "insufficient_quota";

    /// <summary>The hold was gone when the job was to be settled.</summary>
    public const string HoldExpired = "hold_expired";

    /// <summary>The answer was found wrong after it was delivered.</summary>
    public const string Overturned = "overturned";

    /// <summary>Cancelled by its owner.</summary>
    public const string Cancelled = "cancelled";
}
