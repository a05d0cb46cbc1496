using System.Collections.Immutable;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Accounts;

public sealed partial record AccountBook
{
    /// <summary>Turns a job's hold into payouts and gives the rest back. The first settlement of a job counts; later ones get its answer.</summary>
    /// <exception cref="ArgumentException">An id is empty, too long or used twice, an amount is not above 0, or there are too many payouts.</exception>
    /// <exception cref="OverflowException">The payouts' sum is beyond any hold.</exception>
    public (AccountBook Book, SettleResult Result) Apply(Settlement settlement, DateTimeOffset now)
    {
        CheckId(settlement.Job, "The job id");
        CheckPayouts(settlement.Payouts);
        long paid = settlement.Payouts.Sum(p => p.Amount);
        var book = Expire(now);
        if (book.Closed.TryGetValue(settlement.Job, out var closed))
            return (book, closed.Settled ? Answer(closed) : NoHold(settlement));
        if (!book.Holds.TryGetValue(settlement.Job, out var hold))
            return (book, NoHold(settlement));
        if (paid > hold.Amount)
            return (book, new SettleResult(SettleStatus.ExceedsHold, [], 0, settlement.IssuedAt));

        closed = new ClosedJob(Settled: true, hold.Amount - paid, settlement.IssuedAt, hold.ExpiresAt, [.. settlement.Payouts]);
        return (book.Close(settlement.Job, hold, closed, now), Answer(closed));
    }

    /// <summary>Marks a payout as credited. Unknown ids change nothing: they were confirmed before.</summary>
    public AccountBook Confirm(string eventId, DateTimeOffset now)
    {
        CheckId(eventId, "The event id");
        var book = Expire(now);
        return book.Take(eventId, now) is not var (taken, gone) ? book : taken with
        {
            PaidOut = checked(book.PaidOut + gone.Amount),
            Side = taken.Ledger.Moved(new Movement(gone.Id, gone.To, gone.Amount, In: false, taken.Clock, gone.IssuedAt)),
        };
    }

    /// <summary>The book without a payout in flight, whose money is to go elsewhere; null when there is no such payout.</summary>
    private (AccountBook Book, Outgoing Gone)? Take(string eventId, DateTimeOffset now)
    {
        foreach (var (job, closed) in Closed)
        {
            int index = IndexOf(closed.Pending, eventId);
            if (index < 0)
                continue;
            var payout = closed.Pending[index];
            return (
                Next(now) with { Closed = Closed.SetItem(job, closed with { Pending = closed.Pending.RemoveAt(index) }) },
                new Outgoing(eventId, LedgerAccounts.Receiver(payout.Account), payout.Amount, closed.IssuedAt));
        }

        return null;
    }

    private static SettleResult Answer(ClosedJob closed) => new(SettleStatus.Settled, closed.Pending, closed.Refunded, closed.IssuedAt);

    private static SettleResult NoHold(Settlement settlement) => new(SettleStatus.NoHold, [], 0, settlement.IssuedAt);

    private static void CheckPayouts(IReadOnlyList<Payout> payouts)
    {
        if (payouts.Count > MaxPayouts)
            throw new ArgumentException($"A settlement has at most {MaxPayouts} payouts.", nameof(payouts));
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var payout in payouts)
        {
            CheckId(payout.EventId, "The event id");
            CheckId(payout.Account, "The account id");
            if (payout.Amount <= 0)
                throw new ArgumentException("A payout must be above 0.", nameof(payouts));
            if (!ids.Add(payout.EventId))
                throw new ArgumentException($"Payout {payout.EventId} is listed twice.", nameof(payouts));
        }
    }

    private static int IndexOf(ImmutableArray<Payout> pending, string eventId)
    {
        for (int i = 0; i < pending.Length; i++)
        {
            if (pending[i].EventId == eventId)
                return i;
        }

        return -1;
    }
}
