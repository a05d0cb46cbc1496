using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Stake;

public sealed partial record StakeBook
{
    /// <summary>Puts a payout that its receiver refused for good in suspense. Unknown ids change nothing: it was confirmed or suspended before.</summary>
    public (StakeBook Book, StakeResult Result) Suspend(string eventId, SuspenseReason reason, DateTimeOffset now)
    {
        CheckId(eventId, "The event id");
        if (Pending.FirstOrDefault(p => p.EventId == eventId) is not { } payout)
            return (this, Nothing(StakeStatus.Duplicate));
        now = Later(now);
        var entry = LedgerEntry.Of($"{eventId}#suspense", "Refused as too late", now,
            new(LedgerAccounts.Payable(Node), -payout.Amount), new(LedgerAccounts.Suspense(Node), payout.Amount));
        var next = Next(now) with
        {
            Pending = Pending.Remove(payout),
            Side = Ledger.Suspend(new(eventId, LedgerAccounts.Receiver(payout.Account), payout.Amount, payout.IssuedAt, now, reason)),
        };
        return (next, new(StakeStatus.Applied, payout.Amount, entry));
    }

    /// <summary>
    /// Ends a suspense: written off, or in flight again under <see cref="LedgerSide.Again"/>. Unknown ids change nothing: it was ended before.
    /// </summary>
    /// <exception cref="ArgumentException"><see cref="SuspenseEnd.Return"/>: what left a stake does not become stake again.</exception>
    public (StakeBook Book, StakeResult Result) Resolve(string eventId, SuspenseEnd end, DateTimeOffset now)
    {
        CheckId(eventId, "The event id");
        if (end == SuspenseEnd.Return)
            throw new ArgumentException("What left a stake does not go back into it: write it off or pay it again.", nameof(end));
        if (Ledger.Suspense.FirstOrDefault(s => s.Id == eventId) is not { } gone)
            return (this, Nothing(StakeStatus.Duplicate));
        now = Later(now);
        var next = Next(now) with { Side = Ledger.Resolve(gone) };
        bool again = end == SuspenseEnd.Repay;
        var entry = LedgerEntry.Of($"{eventId}#resolved", again ? "Paid again" : "Written off", now,
            new(LedgerAccounts.Suspense(Node), -gone.Amount), new(again ? LedgerAccounts.Payable(Node) : gone.To, gone.Amount));
        next = again
            ? next with { Pending = next.Pending.Add(new(LedgerSide.Again(eventId), LedgerAccounts.Named(gone.To), gone.Amount, now)) }
            : next with { PaidOut = checked(PaidOut + gone.Amount), Side = next.Ledger.Moved(gone.Confirmed(now)) };
        return (next, new(StakeStatus.Applied, gone.Amount, entry));
    }

    /// <summary>The stake's side of the trial balance.</summary>
    public LedgerStatement Statement(StatementQuery query) => new(
        LedgerAccounts.Bonded(Node),
        new Dictionary<LedgerClass, long>
        {
            [LedgerClass.Stake] = Bonded,
            [LedgerClass.Unbonding] = UnbondingTotal,
            [LedgerClass.Payable] = InFlight,
            [LedgerClass.Suspense] = Ledger.Suspended,
            [LedgerClass.Burned] = Burned,
        },
        Ledger.Deposits,
        [.. Pending.Select(p => new Outgoing(p.EventId, LedgerAccounts.Receiver(p.Account), p.Amount, p.IssuedAt))],
        Ledger.Suspense,
        [.. Ledger.Trail.Moves.Where(m => m.At >= query.Since)],
        Ledger.Trail.Covers(query.Since),
        query.Asked.DistinctBy(a => a.Id).ToDictionary(a => a.Id, a => Events.Check(a.Id, a.IssuedAt)));
}
