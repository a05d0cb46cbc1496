using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Stake;

public sealed partial record StakeBook
{
    /// <summary>Adds stake once per event id. Money that arrives is always taken, even by a barred node, which may unbond it again.</summary>
    /// <exception cref="ArgumentException">An id is empty or too long, or the amount is not above 0.</exception>
    /// <exception cref="OverflowException">The book cannot hold that much.</exception>
    public (StakeBook Book, StakeResult Result) Apply(Bond bond, DateTimeOffset now)
    {
        CheckId(bond.EventId, "The event id");
        CheckId(bond.Payer, "The payer");
        CheckAmount(bond.Amount);
        if (Seen(bond.EventId, bond.IssuedAt) is { } seen)
            return (this, Nothing(seen));

        // All that ever came in bounds every other sum, so this one check guards them all.
        long deposited = checked(Deposited + bond.Amount);
        now = Later(now);
        var entry = LedgerEntry.Of(bond.EventId, "Stake bonded", now,
            new(LedgerAccounts.Account(bond.Payer), -bond.Amount), new(LedgerAccounts.Bonded(Node), bond.Amount));
        var next = Next(now, new(now, StakeEventKind.Bonded, bond.Amount, bond.EventId, "")) with
        {
            Deposited = deposited,
            Bonded = checked(Bonded + bond.Amount),
            Events = Events.Remember(bond.EventId, bond.IssuedAt, now),
            Side = Ledger.Moved(new Movement(bond.EventId, LedgerAccounts.Account(bond.Payer), bond.Amount, In: true, now, bond.IssuedAt)),
        };
        return (next, new(StakeStatus.Applied, bond.Amount, entry));
    }

    /// <summary>Moves bonded stake to unbonding, where it stays slashable until withdrawn.</summary>
    /// <exception cref="ArgumentException">An id is empty or too long, or the amount is not above 0.</exception>
    public (StakeBook Book, StakeResult Result) Apply(Unbond unbond, StakeRules rules, DateTimeOffset now)
    {
        CheckId(unbond.EventId, "The event id");
        CheckAmount(unbond.Amount);
        if (Seen(unbond.EventId, unbond.IssuedAt) is { } seen)
            return (this, Nothing(seen));
        if (unbond.Amount > Bonded)
            return (this, Nothing(StakeStatus.Insufficient));
        if (Unbonding.Length >= MaxEntries)
            return (this, Nothing(StakeStatus.TooMany));

        now = Later(now);
        var entry = LedgerEntry.Of(unbond.EventId, "Stake unbonding", now,
            new(LedgerAccounts.Bonded(Node), -unbond.Amount), new(LedgerAccounts.Unbonding(Node), unbond.Amount));
        var releasable = now + rules.UnbondingDelay;
        var next = Next(now, new(now, StakeEventKind.Unbonded, unbond.Amount, unbond.EventId, $"Releasable at {releasable:u}.")) with
        {
            Bonded = Bonded - unbond.Amount,
            Unbonding = Unbonding.Add(new(unbond.Amount, releasable)),
            Events = Events.Remember(unbond.EventId, unbond.IssuedAt, now),
        };
        return (next, new(StakeStatus.Applied, unbond.Amount, entry));
    }

    /// <summary>Pays out all stake whose delay has passed, as one payout to the owner.</summary>
    /// <exception cref="ArgumentException">The id is empty or too long.</exception>
    public (StakeBook Book, StakeResult Result) Apply(Withdraw withdraw, DateTimeOffset now)
    {
        CheckId(withdraw.EventId, "The event id");
        if (Seen(withdraw.EventId, withdraw.IssuedAt) is { } seen)
            return (this, Nothing(seen));
        now = Later(now);
        long amount = Unbonding.Where(u => u.ReleasableAt <= now).Sum(u => u.Amount);
        if (amount == 0)
            return (this, Nothing(StakeStatus.Insufficient));
        if (Pending.Length >= MaxEntries)
            return (this, Nothing(StakeStatus.TooMany));

        var entry = LedgerEntry.Of(withdraw.EventId, "Stake withdrawn", now,
            new(LedgerAccounts.Unbonding(Node), -amount), new(LedgerAccounts.Payable(Node), amount));
        var next = Next(now, new(now, StakeEventKind.Withdrawn, amount, withdraw.EventId, $"To {Owner}.")) with
        {
            Unbonding = [.. Unbonding.Where(u => u.ReleasableAt > now)],
            Pending = Pending.Add(new(withdraw.EventId, Owner, amount, now)),
            Events = Events.Remember(withdraw.EventId, withdraw.IssuedAt, now),
        };
        return (next, new(StakeStatus.Applied, amount, entry));
    }

    /// <summary>Marks a payout as credited. Unknown ids change nothing: they were confirmed before.</summary>
    /// <param name="eventId"><see cref="StakePayout.EventId"/>.</param>
    /// <param name="now">The time.</param>
    public (StakeBook Book, StakeResult Result) Confirm(string eventId, DateTimeOffset now)
    {
        CheckId(eventId, "The event id");
        if (Pending.FirstOrDefault(p => p.EventId == eventId) is not { } payout)
            return (this, Nothing(StakeStatus.Duplicate));
        now = Later(now);
        var entry = LedgerEntry.Of($"{eventId}#paid", "Paid from stake", now,
            new(LedgerAccounts.Payable(Node), -payout.Amount), new(LedgerAccounts.Account(payout.Account), payout.Amount));
        var next = Next(now) with
        {
            PaidOut = checked(PaidOut + payout.Amount),
            Pending = Pending.Remove(payout),
            Side = Ledger.Moved(new Movement(eventId, LedgerAccounts.Receiver(payout.Account), payout.Amount, In: false, now, payout.IssuedAt)),
        };
        return (next, new(StakeStatus.Applied, payout.Amount, entry));
    }

    private StakeStatus? Seen(string id, DateTimeOffset issuedAt) => Events.Check(id, issuedAt) switch
    {
        Freshness.Duplicate => StakeStatus.Duplicate,
        Freshness.TooOld => StakeStatus.TooOld,
        _ => null,
    };
}
