namespace Orchestrator.Core.Ledger;

/// <summary>
/// Whether all books of the network close: the money in every account and stake, by class, against the money that was brought in. Books are read one after
/// the other while money moves, so a transfer may be seen on one side only; each of those is named in <see cref="InFlight"/> and set
/// off under <see cref="LedgerClass.Clearing"/>, and what is left is the <see cref="Difference"/>.
/// </summary>
/// <param name="Lines">By class, in the order of the enum; all of them.</param>
/// <param name="Difference">Credits less debits, in micro-credits; anything but 0 means that money was made (above) or lost (below).</param>
/// <param name="InFlight">Transfers booked on one side only.</param>
/// <param name="Suspense">Payouts that were refused as too late.</param>
/// <param name="SuspenseArrived">
/// How much of what is in suspense, or will be, had arrived after all, as the sums show: 0 means that none of it had.
/// </param>
/// <param name="Accounts">Books counted.</param>
/// <param name="Uncounted">Books that moved more than their trail holds while they were read: a difference may be theirs.</param>
public sealed record TrialBalance(
    IReadOnlyList<TrialLine> Lines,
    long Difference,
    IReadOnlyList<TransferInFlight> InFlight,
    IReadOnlyList<SuspenseLine> Suspense,
    long SuspenseArrived,
    int Accounts,
    IReadOnlyList<string> Uncounted)
{
    /// <summary>Most that clocks of the actors' and the control plane's hosts may differ by.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    /// <summary>No unit is unaccounted for.</summary>
    public bool Closes => Difference == 0;

    /// <summary>Sum of the debits, which is that of the credits when the books close.</summary>
    public long Debit => checked(Lines.Sum(l => l.Debit));

    /// <summary>From where on statements must list movements when reading them begins now.</summary>
    // Whatever arrived from `Arrivals` on left, by its payer's clock, at most two skews earlier.
    public static DateTimeOffset Since(DateTimeOffset begun) => Arrivals(begun) - 2 * Skew;

    /// <summary>
    /// What must still be asked, by book: whether transfers arrived that left another one. Read those books again, as a whole, and let the new statements
    /// replace the first.
    /// </summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<AskedTransfer>> Questions(IReadOnlyCollection<LedgerStatement> first) => first
        .SelectMany(s => s.Pending.Select(p => (p.To, Ask: new AskedTransfer(p.Id, p.IssuedAt)))
            .Concat(s.Suspense.Select(p => (p.To, Ask: new AskedTransfer(p.Id, p.IssuedAt))))
            .Concat(s.Moves.Where(m => !m.In).Select(m => (To: m.Other, Ask: new AskedTransfer(m.Id, m.IssuedAt)))))
        .GroupBy(q => q.To, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, IReadOnlyList<AskedTransfer> (g) => [.. g.Select(q => q.Ask)], StringComparer.Ordinal);

    /// <summary>Draws the balance.</summary>
    /// <param name="statements">One per book.</param>
    /// <param name="begun">When the first was asked for, by the asker's clock.</param>
    /// <exception cref="OverflowException">There is more money than 64 bits count.</exception>
    public static TrialBalance Of(IReadOnlyCollection<LedgerStatement> statements, DateTimeOffset begun)
    {
        var reconciled = Reconciliation.Of(statements, Arrivals(begun));
        var held = statements.SelectMany(s => s.Balances).GroupBy(b => b.Key).ToDictionary(g => g.Key, g => g.Aggregate(0L, (sum, b) => checked(sum + b.Value)));
        long deposits = statements.Aggregate(0L, (sum, s) => checked(sum + s.Deposits));
        Int128 gap = held.Values.Aggregate((Int128)0, (sum, b) => sum + b) - deposits
            - reconciled.Sum(TransferState.Arrived) + reconciled.Sum(TransferState.Confirmed);
        // What nobody can tell by its id, the sums can: had none of it arrived, they would not be above.
        long arrived = (long)Int128.Clamp(gap, 0, reconciled.Doubtful);
        var lines = Enum.GetValues<LedgerClass>().Select(c => c switch
        {
            LedgerClass.Deposits => new TrialLine(c, deposits, 0),
            LedgerClass.Clearing => new TrialLine(c, checked(reconciled.Sum(TransferState.Arrived) + arrived), reconciled.Sum(TransferState.Confirmed)),
            _ => new TrialLine(c, 0, held.GetValueOrDefault(c)),
        });
        return new(
            [.. lines], checked((long)(gap - arrived)), reconciled.InFlight,
            [.. statements.SelectMany(s => s.Suspense, (s, e) => new SuspenseLine(s.Account, e))],
            arrived, statements.Count, [.. statements.Where(s => !s.Covered).Select(s => s.Account)]);
    }

    private static DateTimeOffset Arrivals(DateTimeOffset begun) => begun - Skew;
}

/// <summary>A line of a trial balance, in micro-credits.</summary>
/// <param name="Class">What the money is for.</param>
/// <param name="Debit">Where it came from.</param>
/// <param name="Credit">Where it is.</param>
public sealed record TrialLine(LedgerClass Class, long Debit, long Credit);

/// <summary>A payout in suspense.</summary>
/// <param name="From">The book it left.</param>
/// <param name="Entry">The payout.</param>
public sealed record SuspenseLine(string From, Suspended Entry);

/// <summary>A transfer booked on one side only.</summary>
/// <param name="Id">Its id, the same on both sides.</param>
/// <param name="From">The book it leaves.</param>
/// <param name="To">The book it enters.</param>
/// <param name="Amount">Micro-credits.</param>
/// <param name="State">Which side booked it.</param>
public sealed record TransferInFlight(string Id, string From, string To, long Amount, TransferState State);

/// <summary>How far a transfer is.</summary>
public enum TransferState
{
    /// <summary>It left, and has not arrived: it counts once, with its payer.</summary>
    Sent,

    /// <summary>It arrived, and its payer has not confirmed it: it counts twice.</summary>
    Arrived,

    /// <summary>Its payer confirmed it after the receiver had been read: it counts with neither.</summary>
    Confirmed,
}
