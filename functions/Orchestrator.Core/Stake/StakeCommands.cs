using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Stake;

/// <summary>Money that came in to be bonded, e.g. the payout of a settled hold to account <c>stake:&lt;node&gt;</c>.</summary>
/// <param name="EventId">Unique for this transfer; the same on every repeat.</param>
/// <param name="Payer">Account it came from.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="IssuedAt">When the transfer was decided: the same on every repeat.</param>
public sealed record Bond(string EventId, string Payer, long Amount, DateTimeOffset IssuedAt);

/// <summary>Asks for bonded stake back.</summary>
/// <param name="EventId">Unique for this request; the same on every repeat.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="IssuedAt">When it was asked: the same on every repeat.</param>
public sealed record Unbond(string EventId, long Amount, DateTimeOffset IssuedAt);

/// <summary>Asks for all stake whose unbonding delay has passed to be paid to the owner.</summary>
/// <param name="EventId">Unique for this request; the same on every repeat.</param>
/// <param name="IssuedAt">When it was asked: the same on every repeat.</param>
public sealed record Withdraw(string EventId, DateTimeOffset IssuedAt);

/// <summary>A proven fault.</summary>
/// <param name="EvidenceId">
/// What was proven, not who proved it: two disputes about one receipt must give the same id, e.g. <c>receipt:&lt;session&gt;:&lt;stage&gt;</c>.
/// </param>
/// <param name="Fault">What it was.</param>
/// <param name="FaultAt">When it was committed, by the platform's clock (never a time the node chose, or it could outdate its evidence).</param>
/// <param name="Reporter">Account that gets the reporter's part; null when nobody does, and it is burned.</param>
/// <param name="Note">For people; at most <see cref="StakeBook.MaxNote"/> characters are kept.</param>
public sealed record Slash(string EvidenceId, FaultKind Fault, DateTimeOffset FaultAt, string? Reporter, string Note);

/// <summary>What a command did.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Amount">Micro-credits that moved; 0 unless applied.</param>
/// <param name="Entry">The movement as a balanced entry; null when nothing moved.</param>
public sealed record StakeResult(StakeStatus Status, long Amount, LedgerEntry? Entry);

/// <summary>Outcome of a command.</summary>
public enum StakeStatus
{
    /// <summary>Done now.</summary>
    Applied,

    /// <summary>Done before. For a bond: the money is in, the payer may confirm.</summary>
    Duplicate,

    /// <summary>Issued before the window of remembered ids, or evidence of a fault older than the unbonding delay; nothing changed.</summary>
    TooOld,

    /// <summary>There is not that much stake, or nothing to withdraw yet.</summary>
    Insufficient,

    /// <summary>Too many unbonding entries or unconfirmed payouts: withdraw or confirm first.</summary>
    TooMany,

    /// <summary>The node is not jailed.</summary>
    NotJailed,

    /// <summary>The jail time has not passed.</summary>
    TooEarly,

    /// <summary>The node is barred for good.</summary>
    Tombstoned,
}
