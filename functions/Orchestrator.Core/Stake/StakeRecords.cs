namespace Orchestrator.Core.Stake;

/// <summary>Stake on its way out; still slashable.</summary>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="ReleasableAt">When it may be withdrawn.</param>
public sealed record UnbondingEntry(long Amount, DateTimeOffset ReleasableAt);

/// <summary>Money that left the stake and is to be credited to an account exactly once: an outbox, emptied by <see cref="StakeBook.Confirm"/>.</summary>
/// <param name="EventId">Becomes <see cref="Accounts.Credit.EventId"/>.</param>
/// <param name="Account">Account that receives it.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="IssuedAt">Becomes <see cref="Accounts.Credit.IssuedAt"/>.</param>
public sealed record StakePayout(string EventId, string Account, long Amount, DateTimeOffset IssuedAt);

/// <summary>One line of a node's stake history, for people.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Amount">Micro-credits moved.</param>
/// <param name="Reference">The event's or evidence's id.</param>
/// <param name="Note">More, or empty.</param>
/// <param name="Fault">Which fault, for a slash.</param>
public sealed record StakeHistoryEntry(DateTimeOffset At, StakeEventKind Kind, long Amount, string Reference, string Note, FaultKind? Fault = null);

/// <summary>Kinds of lines in a stake history.</summary>
public enum StakeEventKind
{
    /// <summary>Stake came in.</summary>
    Bonded,

    /// <summary>Stake began to leave.</summary>
    Unbonded,

    /// <summary>Stake left.</summary>
    Withdrawn,

    /// <summary>Stake was taken for a proven fault.</summary>
    Slashed,

    /// <summary>The jail was left.</summary>
    Released,
}
