using Orchestrator.Contracts;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Disputes;

/// <summary>How a dispute ended.</summary>
/// <param name="Outcome">Whether the receipt stands.</param>
/// <param name="Ground">Why.</param>
/// <param name="Loser">The node that lost; null when nobody did.</param>
/// <param name="Fault">
/// What the loser is slashed for; null when nothing is proven against it. A challenger that fell silent or had nothing to dispute loses only its challenge bond.
/// </param>
/// <param name="EvidenceId">
/// For <see cref="Slash.EvidenceId"/>; null without a fault. The same for every fault proven of one receipt, so that several disputes about it slash once.
/// </param>
/// <param name="ChallengerRewarded">The challenger was right and proved it.</param>
/// <param name="Stage">The stage it came down to; null when it did not.</param>
/// <param name="Chunk">The chunk; null when it did not come down to one.</param>
/// <param name="Step">The step of the trace; null when it did not come down to one.</param>
/// <param name="Reason">For people.</param>
public sealed record DisputeVerdict(
    DisputeOutcome Outcome,
    DisputeGround Ground,
    NodeId? Loser,
    FaultKind? Fault,
    string? EvidenceId,
    bool ChallengerRewarded,
    int? Stage,
    int? Chunk,
    long? Step,
    string Reason)
{
    /// <summary>The challenge bond is lost: whenever the receipt was upheld.</summary>
    public bool BondForfeited => Outcome == DisputeOutcome.Upheld;
}

/// <summary>Whether a challenged receipt stands.</summary>
public enum DisputeOutcome
{
    /// <summary>It stands; the challenger lost.</summary>
    Upheld,

    /// <summary>It does not; its node lost.</summary>
    Overturned,

    /// <summary>
    /// Nothing was decided and nobody loses anything: both sides were silent (then it may be the platform that was away) or no referee could judge. The receipt is
    /// as open as before: have it audited by another node, or the defender could get rid of a challenge by challenging itself and falling silent.
    /// </summary>
    Void,
}

/// <summary>What decided a dispute.</summary>
public enum DisputeGround
{
    /// <summary>The challenger claims just what the receipt says.</summary>
    NothingDisputed,

    /// <summary>One side was silent while the other answered.</summary>
    Silence,

    /// <summary>One side contradicted what it had signed.</summary>
    Contradiction,

    /// <summary>A referee computed it.</summary>
    Judged,

    /// <summary>Both sides were silent.</summary>
    BothSilent,

    /// <summary>No referee could judge.</summary>
    NoReferee,
}
