using Orchestrator.Core.Events;

namespace Orchestrator.Core.Ledger;

/// <summary>What a book says of itself at one moment.</summary>
/// <param name="Account">The book, as <see cref="LedgerAccounts"/> names it.</param>
/// <param name="Balances">What it holds, by class.</param>
/// <param name="Deposits">What it brought in from outside.</param>
/// <param name="Pending">Payouts not yet confirmed.</param>
/// <param name="Suspense">Payouts refused for good.</param>
/// <param name="Moves">Movements since the time asked for.</param>
/// <param name="Covered">False when some of those were dropped.</param>
/// <param name="Answers">
/// For each transfer asked for: <see cref="Freshness.Duplicate"/> when it is in, <see cref="Freshness.New"/> when not, <see cref="Freshness.TooOld"/> when
/// nobody knows.
/// </param>
public sealed record LedgerStatement(
    string Account,
    IReadOnlyDictionary<LedgerClass, long> Balances,
    long Deposits,
    IReadOnlyList<Outgoing> Pending,
    IReadOnlyList<Suspended> Suspense,
    IReadOnlyList<Movement> Moves,
    bool Covered,
    IReadOnlyDictionary<string, Freshness> Answers);

/// <summary>A payout on its way.</summary>
/// <param name="Id">Its event id.</param>
/// <param name="To">The receiver, as <see cref="LedgerAccounts"/> names it.</param>
/// <param name="Amount">Micro-credits.</param>
/// <param name="IssuedAt">When it was decided.</param>
public sealed record Outgoing(string Id, string To, long Amount, DateTimeOffset IssuedAt);

/// <summary>Asks a book for a statement.</summary>
/// <param name="Since">Movements from here on are listed.</param>
/// <param name="Asked">Transfers that the book is asked whether they arrived.</param>
public sealed record StatementQuery(DateTimeOffset Since, IReadOnlyList<AskedTransfer> Asked);

/// <summary>A transfer asked for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="IssuedAt">When it was decided.</param>
public sealed record AskedTransfer(string Id, DateTimeOffset IssuedAt);

/// <summary>What money is for; the lines of a trial balance.</summary>
public enum LedgerClass
{
    /// <summary>Came in from outside: the debit that all other lines answer for.</summary>
    Deposits,

    /// <summary>Spendable, of accounts that were given money from outside.</summary>
    Customers,

    /// <summary>Spendable, of accounts that hold only what they were paid: stages, auditors, reporters.</summary>
    Rewards,

    /// <summary>Spendable, of the protocol: fees and what assurances cost.</summary>
    Protocol,

    /// <summary>Spendable, of the account that harmed developers are refunded from.</summary>
    Refunds,

    /// <summary>Set aside for jobs, challenges and bonds.</summary>
    Escrow,

    /// <summary>Left a balance, a hold or a stake and has not been confirmed by its receiver.</summary>
    Payable,

    /// <summary>Bonded stake.</summary>
    Stake,

    /// <summary>Stake on its way out, still slashable.</summary>
    Unbonding,

    /// <summary>Slashed and nobody's.</summary>
    Burned,

    /// <summary>Refused by its receiver as too late; a person decides.</summary>
    Suspense,

    /// <summary>Transfers of which one side is booked: debit what arrived and is not confirmed, credit what is confirmed and was not seen to arrive.</summary>
    Clearing,
}
