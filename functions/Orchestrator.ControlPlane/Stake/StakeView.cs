using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>What to do with a stake.</summary>
/// <param name="Amount">Micro-credits, for bond and unbond.</param>
/// <param name="EventId">Unique for this request, so that a repeat does nothing; default a new one.</param>
public sealed record StakeRequest(long? Amount = null, string? EventId = null);

/// <summary>What was done with a stake.</summary>
/// <param name="Node">Whose.</param>
/// <param name="Action"><c>bond, unbond, withdraw</c> or <c>release</c>.</param>
/// <param name="Status"><c>applied</c>, <c>duplicate</c> (done before), <c>pending</c> (still on its way), or <c>dry_run</c>.</param>
/// <param name="Amount">Micro-credits moved.</param>
/// <param name="Stake">The stake afterwards.</param>
public sealed record StakeActionView(NodeId Node, string Action, string Status, long Amount, StakeView Stake);

/// <summary>A node's stake, in micro-credits.</summary>
/// <param name="Owner">Account that it goes back to, and that alone may be the node's host; null when nobody bonded.</param>
/// <param name="Bonded">Counts for getting work.</param>
/// <param name="Unbonding">On its way out; still slashable.</param>
/// <param name="AtStake">What a slash can reach.</param>
/// <param name="Slashed">All that was ever slashed.</param>
/// <param name="MinBond">Bond that work takes here.</param>
/// <param name="JailedUntil">Earliest release; null when not jailed.</param>
/// <param name="TombstonedBy">Evidence that barred the node for good; null when it is not.</param>
/// <param name="History">Latest events, oldest first.</param>
public sealed record StakeView(
    string? Owner,
    long Bonded,
    IReadOnlyList<UnbondingEntry> Unbonding,
    long AtStake,
    long Slashed,
    long MinBond,
    DateTimeOffset? JailedUntil,
    string? TombstonedBy,
    IReadOnlyList<StakeHistoryEntry> History)
{
    /// <summary>Shows a stake.</summary>
    public static StakeView Of(StakeState state, long minBond) => state.Book is not { } book
        ? new(state.Owner, 0, [], 0, 0, minBond, null, null, [])
        : new(state.Owner, book.Bonded, book.Unbonding, book.AtStake, book.Slashed, minBond, book.JailedUntil, book.TombstonedBy, book.History);
}

/// <summary>Why a node may be trusted, as far as it is known.</summary>
/// <param name="Stake">Its stake.</param>
/// <param name="Correctness">Score of its answers.</param>
/// <param name="Presence">Score of being there.</param>
/// <param name="Audits">Latest audits, oldest first.</param>
/// <param name="Slashes">Latest slashes with their evidence, oldest first.</param>
public sealed record TrustView(StakeView Stake, Standing Correctness, Standing Presence, IReadOnlyList<AuditLine> Audits, IReadOnlyList<SlashView> Slashes)
{
    /// <summary>Shows stake and reputation.</summary>
    public static TrustView Of(StakeState state, long minBond) => new(
        StakeView.Of(state, minBond),
        state.Correctness,
        state.Presence,
        state.Audits,
        [.. state.Slashes.Select(s => new SlashView(
            s.At, s.Fault.Slash.Fault, s.Amount, s.Fault.Slash.EvidenceId, s.Fault.Evidence, s.Fault.Dispute, s.Fault.Job, s.Fault.Slash.Reporter, s.Fault.Slash.Note))]);
}

/// <summary>A slash.</summary>
/// <param name="At">When.</param>
/// <param name="Fault">For what.</param>
/// <param name="Amount">Micro-credits taken.</param>
/// <param name="EvidenceId">What was proven; slashed for once.</param>
/// <param name="Evidence">Blobs that prove it.</param>
/// <param name="Dispute">Dispute or audit it was proven in.</param>
/// <param name="Job">Job it was committed in.</param>
/// <param name="Reporter">Account that brought the proof.</param>
/// <param name="Note">More.</param>
public sealed record SlashView(
    DateTimeOffset At, FaultKind Fault, long Amount, string EvidenceId, IReadOnlyList<Digest> Evidence, string? Dispute, string? Job, string? Reporter, string Note);

/// <summary>A node's standing in one line.</summary>
/// <param name="Bonded">Micro-credits bonded.</param>
/// <param name="Score">Score of its answers, 0 to 1: the one that decides.</param>
/// <param name="Threshold">Below it the node gets no work.</param>
/// <param name="Distance">Score less threshold.</param>
/// <param name="Barred">What keeps it from work: <c>jail, stake, reputation</c>; null when nothing does.</param>
public sealed record StandingView(long Bonded, double Score, double Threshold, double Distance, Core.Nodes.Bar? Barred);
