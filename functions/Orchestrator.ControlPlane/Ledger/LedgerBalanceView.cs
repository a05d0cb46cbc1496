using Orchestrator.Core.Ledger;

namespace Orchestrator.ControlPlane.Ledger;

/// <summary>A trial balance over all books, in micro-credits.</summary>
/// <param name="Closes">No unit is unaccounted for.</param>
/// <param name="Difference">Credits less debits: above 0 money was made, below it was lost.</param>
/// <param name="Debit">Sum of the debits.</param>
/// <param name="Credit">Sum of the credits.</param>
/// <param name="Lines">By class of money.</param>
/// <param name="InFlight">Transfers booked on one side only, at most <see cref="MaxListed"/>.</param>
/// <param name="InFlightCount">How many there are.</param>
/// <param name="Suspense">Payouts that came too late, at most <see cref="MaxListed"/>.</param>
/// <param name="SuspenseCount">How many there are.</param>
/// <param name="SuspenseAmount">Their sum.</param>
/// <param name="SuspenseArrived">How much of it had arrived after all, as the sums show.</param>
/// <param name="Books">Accounts and stakes counted.</param>
/// <param name="Uncounted">Books that moved more than they remember while they were read; a difference may be theirs.</param>
/// <param name="DrawnAt">When it was done.</param>
public sealed record LedgerBalanceView(
    bool Closes,
    long Difference,
    long Debit,
    long Credit,
    IReadOnlyList<TrialLine> Lines,
    IReadOnlyList<TransferInFlight> InFlight,
    int InFlightCount,
    IReadOnlyList<SuspenseView> Suspense,
    int SuspenseCount,
    long SuspenseAmount,
    long SuspenseArrived,
    int Books,
    IReadOnlyList<string> Uncounted,
    DateTimeOffset DrawnAt)
{
    /// <summary>Most transfers listed.</summary>
    public const int MaxListed = 1000;

    /// <summary>Shows a balance.</summary>
    public static LedgerBalanceView Of(TrialBalance balance, DateTimeOffset now) => new(
        balance.Closes, balance.Difference, balance.Debit, checked(balance.Debit + balance.Difference), balance.Lines,
        [.. balance.InFlight.Take(MaxListed)], balance.InFlight.Count,
        [.. balance.Suspense.Take(MaxListed).Select(s => new SuspenseView(s.Entry.Id, s.From, s.Entry.To, s.Entry.Amount, s.Entry.Reason, s.Entry.IssuedAt, s.Entry.At))],
        balance.Suspense.Count, balance.Suspense.Sum(s => s.Entry.Amount), balance.SuspenseArrived, balance.Accounts, balance.Uncounted, now);
}

/// <summary>A payout in suspense.</summary>
/// <param name="Id">Its id.</param>
/// <param name="From">The book it left.</param>
/// <param name="To">The book that refused it.</param>
/// <param name="Amount">Micro-credits.</param>
/// <param name="Reason">Why it was refused: <c>too_old</c>.</param>
/// <param name="IssuedAt">When it was decided.</param>
/// <param name="SuspendedAt">When it was refused.</param>
public sealed record SuspenseView(string Id, string From, string To, long Amount, SuspenseReason Reason, DateTimeOffset IssuedAt, DateTimeOffset SuspendedAt);

/// <summary>Ends a suspense.</summary>
/// <param name="Id">The payout.</param>
/// <param name="From">The book it left, as the balance names it.</param>
/// <param name="End"><c>write_off</c>: it had arrived. <c>return</c>: back to the paying account. <c>repay</c>: pay the receiver again.</param>
public sealed record SuspenseRequest(string Id, string From, SuspenseEnd End);
