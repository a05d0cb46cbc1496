using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Accounts;

public sealed partial record AccountBook
{
    /// <summary>Puts a payout that its receiver refused for good in suspense. Unknown ids change nothing: it was confirmed or suspended before.</summary>
    public AccountBook Suspend(string eventId, SuspenseReason reason, DateTimeOffset now)
    {
        CheckId(eventId, "The event id");
        var book = Expire(now);
        return book.Take(eventId, now) is not var (taken, gone)
            ? book
            : taken with { Side = taken.Ledger.Suspend(new(gone.Id, gone.To, gone.Amount, gone.IssuedAt, taken.Clock, reason)) };
    }

    /// <summary>
    /// Ends a suspense. A payout that is to be paid again is in flight afterwards, as the settlement of a job named <see cref="LedgerSide.Again"/>. Unknown ids
    /// change nothing: it was ended before.
    /// </summary>
    /// <returns>What was in suspense; null when there is no such payout.</returns>
    public (AccountBook Book, Suspended? Ended) Resolve(string eventId, SuspenseEnd end, DateTimeOffset now)
    {
        CheckId(eventId, "The event id");
        var book = Expire(now);
        if (book.Ledger.Suspense.FirstOrDefault(s => s.Id == eventId) is not { } entry)
            return (book, null);
        var next = book.Next(now) with { Side = book.Ledger.Resolve(entry) };
        return (end switch
        {
            SuspenseEnd.WriteOff => next with { PaidOut = checked(book.PaidOut + entry.Amount), Side = next.Ledger.Moved(entry.Confirmed(next.Clock)) },
            SuspenseEnd.Return => next with { Available = checked(book.Available + entry.Amount) },
            _ => next with { Closed = next.Closed.SetItem(LedgerSide.Again(entry.Id), Again(entry, next.Clock)) },
        }, entry);
    }

    /// <summary>The account's side of the trial balance.</summary>
    /// <param name="account">Its id.</param>
    /// <param name="own">Class of its balance when it is one of the platform's own; null for a customer's or a host's.</param>
    /// <param name="query">What is asked.</param>
    public LedgerStatement Statement(string account, LedgerClass? own, StatementQuery query) => new(
        LedgerAccounts.Account(account),
        new Dictionary<LedgerClass, long>
        {
            [own ?? (Ledger.Deposits > 0 ? LedgerClass.Customers : LedgerClass.Rewards)] = Available,
            [LedgerClass.Escrow] = Held,
            [LedgerClass.Payable] = InFlight,
            [LedgerClass.Suspense] = Ledger.Suspended,
        },
        Ledger.Deposits,
        [.. Closed.Values.SelectMany(c => c.Pending, (c, p) => new Outgoing(p.EventId, LedgerAccounts.Receiver(p.Account), p.Amount, c.IssuedAt))],
        Ledger.Suspense,
        [.. Ledger.Trail.Moves.Where(m => m.At >= query.Since)],
        Ledger.Trail.Covers(query.Since),
        query.Asked.DistinctBy(a => a.Id).ToDictionary(a => a.Id, a => Credits.Check(a.Id, a.IssuedAt)));

    private static ClosedJob Again(Suspended entry, DateTimeOffset now) =>
        new(Settled: true, 0, now, now, [new Payout(LedgerSide.Again(entry.Id), LedgerAccounts.Named(entry.To), entry.Amount)]);
}
