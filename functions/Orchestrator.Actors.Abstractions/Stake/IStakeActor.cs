using Dapr.Actors;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors;

/// <summary>
/// Stake and reputation of one node (actor id = node id). Amounts are micro-credits. Every operation is idempotent by its own id and safe to repeat; a
/// fault is slashed once per evidence id, whoever proves it how often. Money that leaves the stake and news for planning wait in the document until they
/// have arrived (<see cref="FlushAsync"/>), and a reminder sees to it when nobody else does.
/// </summary>
public interface IStakeActor : IActor
{
    /// <summary>
    /// Makes an account the stake's owner before it pays in. Returns the owner: another one when there is stake of another account.
    /// </summary>
    Task<string> ClaimAsync(string owner);

    /// <summary>Takes in a bond whose money has left its payer. <see cref="StakeStatus.Applied"/> and <see cref="StakeStatus.Duplicate"/> both mean that it is in.</summary>
    Task<StakeAnswer> BondAsync(Bond bond);

    /// <summary>Moves bonded stake to unbonding.</summary>
    Task<StakeAnswer> UnbondAsync(Unbond unbond);

    /// <summary>Pays out what has been unbonding for long enough, to the owner.</summary>
    Task<StakeAnswer> WithdrawAsync(Withdraw withdraw);

    /// <summary>Leaves the jail once its time has passed.</summary>
    Task<StakeAnswer> ReleaseAsync();

    /// <summary>Slashes for a proven fault, once per evidence id.</summary>
    Task<StakeAnswer> SlashAsync(ProvenFault fault);

    /// <summary>Counts what was seen of the node, each once. Returns its standing afterwards.</summary>
    Task<NodeStanding> ObserveAsync(IReadOnlyList<Observation> observations);

    /// <summary>Lists an audit of the node, once per audit id; the observation is given apart.</summary>
    Task ListAuditAsync(AuditLine audit);

    /// <summary>Ends a suspense, once; what is paid again leaves with the next flush.</summary>
    Task<StakeAnswer> ResolveSuspenseAsync(SuspenseDecision decision);

    /// <summary>The stake's side of the trial balance; null when there never was any.</summary>
    Task<LedgerStatement?> StatementAsync(StatementQuery query);

    /// <summary>Credits payouts to their accounts and hands the standing to the node's actor; changes nothing when nothing waits.</summary>
    Task FlushAsync();

    /// <summary>Stake and reputation now; a newcomer's when nothing ever happened.</summary>
    Task<StakeState> GetAsync();
}

/// <summary>What a command did.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Amount">Micro-credits that moved.</param>
/// <param name="State">Stake and reputation after the call.</param>
public sealed record StakeAnswer(StakeStatus Status, long Amount, StakeState State);

/// <summary>A fault and what proves it.</summary>
/// <param name="Slash">What is slashed for.</param>
/// <param name="Evidence">Blobs that hold the proof: signed messages, files, a referee's verdict.</param>
/// <param name="Dispute">Dispute or audit it was proven in; null when signatures alone prove it.</param>
/// <param name="Job">Job it was committed in; null for none.</param>
public sealed record ProvenFault(Slash Slash, IReadOnlyList<Contracts.Digest> Evidence, string? Dispute, string? Job);

/// <summary>A slash that was applied.</summary>
/// <param name="At">When.</param>
/// <param name="Amount">Micro-credits taken.</param>
/// <param name="Fault">For what.</param>
public sealed record SlashLine(DateTimeOffset At, long Amount, ProvenFault Fault);

/// <summary>An audit of a node's work.</summary>
/// <param name="Audit">The audit's id.</param>
/// <param name="Job">Which job.</param>
/// <param name="Stage">Which stage.</param>
/// <param name="Auditor">Who computed it again.</param>
/// <param name="Passed">It found the work right; null when it found nothing out.</param>
/// <param name="At">When.</param>
/// <param name="Note">What was compared, or why nothing was.</param>
public sealed record AuditLine(string Audit, string Job, int Stage, Contracts.NodeId Auditor, bool? Passed, DateTimeOffset At, string Note);

/// <summary>Stake and reputation of a node.</summary>
/// <param name="Owner">Account that owns the stake; null when none claimed it.</param>
/// <param name="Book">The stake; null when there never was any.</param>
/// <param name="Correctness">The score of its answers, now.</param>
/// <param name="Presence">The score of its presence, now.</param>
/// <param name="Audits">Latest audits, oldest first.</param>
/// <param name="Slashes">Latest slashes, oldest first.</param>
public sealed record StakeState(
    string? Owner, StakeBook? Book, Standing Correctness, Standing Presence, IReadOnlyList<AuditLine> Audits, IReadOnlyList<SlashLine> Slashes);
