using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>A challenge.</summary>
/// <param name="Job">The job.</param>
/// <param name="Session">Session of the challenged chain.</param>
/// <param name="Stage">The challenged stage.</param>
/// <param name="Choice">The completion; 0 for the first.</param>
/// <param name="Node">The caller's node, which answers for the challenge.</param>
/// <param name="Claims">What the stage should have put out; of draws, the one chunk they are in and the output that the receipt has for it.</param>
/// <param name="Subject">What is challenged: <c>outputs</c> of a stage, also when left out, or <c>draws</c> of the last one.</param>
public sealed record ChallengeRequest(string? Job, string? Session, int Stage, int Choice, string? Node, IReadOnlyList<ChunkClaimRequest>? Claims, string? Subject = null);

/// <summary>What a chunk should have put out.</summary>
public sealed record ChunkClaimRequest(int Chunk, string? Output);

/// <summary>A challenge that will be heard if it came in time.</summary>
/// <param name="Dispute">Its id.</param>
/// <param name="Bond">Micro-credits set aside.</param>
public sealed record ChallengeView(string Dispute, long Bond);

/// <summary>Disputes, newest first.</summary>
public sealed record DisputeList(IReadOnlyList<DisputeView> Disputes);

/// <summary>A dispute as it stands.</summary>
/// <param name="Dispute">Its id.</param>
/// <param name="Job">The job.</param>
/// <param name="Chain">Number of the chain.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="Defender">Who signed the receipt.</param>
/// <param name="Challenger">Who challenges it.</param>
/// <param name="OpenedAt">When it began.</param>
/// <param name="Phase">What it waits for; <c>over</c> once it has ended.</param>
/// <param name="Deadline">Until when; null once it has ended.</param>
/// <param name="Chunk">The disputed chunk; null while it is not known.</param>
/// <param name="AgreedSteps">Steps of the trace that both agree on.</param>
/// <param name="Rounds">Rounds of states asked.</param>
/// <param name="Outcome">Whether the receipt stands; null while it is open.</param>
/// <param name="Ground">What decided it.</param>
/// <param name="Loser">Who lost; null for nobody.</param>
/// <param name="Fault">What it is slashed for; null for nothing.</param>
/// <param name="Reason">For people.</param>
/// <param name="Subject">What is challenged.</param>
public sealed record DisputeView(
    string Dispute,
    string Job,
    int Chain,
    int Stage,
    int Choice,
    NodeId Defender,
    NodeId Challenger,
    DateTimeOffset OpenedAt,
    DisputePhase Phase,
    DateTimeOffset? Deadline,
    int? Chunk,
    long AgreedSteps,
    int Rounds,
    DisputeOutcome? Outcome,
    DisputeGround? Ground,
    NodeId? Loser,
    FaultKind? Fault,
    string? Reason,
    DisputeSubject Subject)
{
    /// <summary>Reads a workflow's state; null when it is no dispute.</summary>
    public static DisputeView? Of(WorkflowState state)
    {
        if (state.Name != DisputeWorkflow.Name || state.ReadInput<DisputeInput>() is not { } input)
            return null;
        var status = state.ReadCustomStatus<DisputeStatus>();
        var verdict = status?.Verdict;
        return new DisputeView(
            input.Dispute.Value, input.Receipt.Job.Value, input.Receipt.Chain.Chain, input.Receipt.Stage, input.Receipt.Choice, input.Receipt.Signer.Node, input.Challenger,
            state.CreatedAt, status?.Phase ?? DisputePhase.Leaves, status?.Deadline, status?.Chunk, status?.AgreedSteps ?? 0, status?.Rounds ?? 0,
            verdict?.Outcome, verdict?.Ground, verdict?.Loser, verdict?.Fault, verdict?.Reason, input.Subject);
    }
}
