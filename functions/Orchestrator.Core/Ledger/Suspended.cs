namespace Orchestrator.Core.Ledger;

/// <summary>
/// A payout that its receiver refused for good. Its money stays with the payer, apart, until a person decides: nobody can tell any more
/// whether it had arrived before.
/// </summary>
/// <param name="Id">The payout's event id.</param>
/// <param name="To">The receiver, as <see cref="LedgerAccounts"/> names it.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="IssuedAt">When the payout was decided.</param>
/// <param name="At">When it was suspended.</param>
/// <param name="Reason">Why.</param>
public sealed record Suspended(string Id, string To, long Amount, DateTimeOffset IssuedAt, DateTimeOffset At, SuspenseReason Reason)
{
    /// <summary>The movement that says that it had arrived.</summary>
    internal Movement Confirmed(DateTimeOffset now) => new(Id, To, Amount, In: false, now, IssuedAt);
}

/// <summary>Why a payout is in suspense.</summary>
public enum SuspenseReason
{
    /// <summary>It was decided before the receiver's window of remembered ids.</summary>
    TooOld,
}

/// <summary>How a person ends a suspense.</summary>
public enum SuspenseEnd
{
    /// <summary>The receiver had it: the payout counts as confirmed.</summary>
    WriteOff,

    /// <summary>The receiver never had it: the money goes back into the paying account's balance. Not for stake, which must not grow by what it paid.</summary>
    Return,

    /// <summary>The receiver never had it: it is paid again, under a new id.</summary>
    Repay,
}
