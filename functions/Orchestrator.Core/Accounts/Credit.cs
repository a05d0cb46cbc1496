namespace Orchestrator.Core.Accounts;

/// <summary>Money coming in.</summary>
/// <param name="EventId">Unique for this transfer, e.g. <c>payout:job-…:host</c>.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="Reason">For the statement.</param>
/// <param name="IssuedAt">When the transfer was decided: the same on every repeat. Payouts carry <see cref="SettleResult.IssuedAt"/>.</param>
/// <param name="From">The book that gave it up, as <see cref="Ledger.LedgerAccounts"/> names it; null when it comes from outside.</param>
public sealed record Credit(string EventId, long Amount, string Reason, DateTimeOffset IssuedAt, string? From = null);

/// <summary>What a credit did.</summary>
/// <param name="Status">Applied and duplicate both mean that the money is in: the payer may confirm.</param>
/// <param name="Account">The account after the call.</param>
public sealed record CreditResult(CreditStatus Status, AccountState Account);

/// <summary>What a credit did.</summary>
public enum CreditStatus
{
    /// <summary>Added now.</summary>
    Applied,

    /// <summary>Added before.</summary>
    Duplicate,

    /// <summary>Issued before the window of remembered ids: refused, and the payer puts it in suspense for a person to look at.</summary>
    TooOld,
}
