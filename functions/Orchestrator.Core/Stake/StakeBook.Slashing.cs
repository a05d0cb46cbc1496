using System.Collections.Immutable;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Stake;

public sealed partial record StakeBook
{
    /// <summary>
    /// Takes the fault's part of all that is at stake, once per evidence id: bonded first, then unbonding stake, the youngest first. Jails, and tombstones if the rule says
    /// so. Applied with amount 0 when nothing is left to take.
    /// </summary>
    /// <exception cref="ArgumentException">An id is empty or too long, or the schedule has no rule for the fault.</exception>
    public (StakeBook Book, StakeResult Result) Apply(Slash slash, StakeRules rules, DateTimeOffset now)
    {
        CheckId(slash.EvidenceId, "The evidence id");
        var rule = rules.Slashes[slash.Fault] ?? throw new ArgumentException($"The slash schedule has no rule for {slash.Fault}.", nameof(rules));
        now = Later(now);

        // Remembered under the fault's own time, the same on every repeat, so that the window forgets it only when repeats are too old.
        switch (Evidence.Check(slash.EvidenceId, slash.FaultAt))
        {
            case Freshness.Duplicate:
                return (this, Nothing(StakeStatus.Duplicate));
            case Freshness.TooOld:
                return (this, Nothing(StakeStatus.TooOld));
        }

        if (now - slash.FaultAt > rules.UnbondingDelay)
            return (this, Nothing(StakeStatus.TooOld));

        long amount = Math.Min(AtStake, Math.Max(Part(AtStake, rule.BasisPoints), rule.Minimum));
        long fromBonded = Math.Min(Bonded, amount);
        var payouts = Shares(slash, rules, amount, now);
        long burned = amount - payouts.Sum(p => p.Amount);
        string note = slash.Note.Length <= MaxNote ? slash.Note : slash.Note[..MaxNote];
        var until = now + rule.Jail;
        var next = Next(now, new(now, StakeEventKind.Slashed, amount, slash.EvidenceId, note, slash.Fault)) with
        {
            Bonded = Bonded - fromBonded,
            Unbonding = WithoutYoungest(amount - fromBonded),
            Pending = Pending.AddRange(payouts),
            Burned = checked(Burned + burned),
            Slashed = checked(Slashed + amount),
            JailedUntil = JailedUntil > until ? JailedUntil : until,
            TombstonedBy = TombstonedBy ?? (rule.Tombstone ? slash.EvidenceId : null),
            Evidence = Evidence.Remember(slash.EvidenceId, slash.FaultAt, now, rules.UnbondingDelay),
        };
        return (next, new(StakeStatus.Applied, amount, amount == 0 ? null : Entry(slash, fromBonded, amount, burned, now)));
    }

    /// <summary>Ends the jail, on the node's request, once its time has passed.</summary>
    public (StakeBook Book, StakeResult Result) Release(DateTimeOffset now)
    {
        if (Tombstoned)
            return (this, Nothing(StakeStatus.Tombstoned));
        if (JailedUntil is not { } until)
            return (this, Nothing(StakeStatus.NotJailed));
        now = Later(now);
        return now < until
            ? (this, Nothing(StakeStatus.TooEarly))
            : (Next(now, new(now, StakeEventKind.Released, 0, "", "")) with { JailedUntil = null }, Nothing(StakeStatus.Applied));
    }

    private LedgerEntry Entry(Slash slash, long fromBonded, long amount, long burned, DateTimeOffset now) => LedgerEntry.Of(
        $"slash:{Node}:{Digest(slash.EvidenceId)}", $"Slashed for {slash.Fault}", now,
        new(LedgerAccounts.Bonded(Node), -fromBonded),
        new(LedgerAccounts.Unbonding(Node), fromBonded - amount),
        new(LedgerAccounts.Payable(Node), amount - burned),
        new(LedgerAccounts.Burned, burned));

    private List<StakePayout> Shares(Slash slash, StakeRules rules, long amount, DateTimeOffset now)
    {
        var split = rules.Slashes.Split;
        (string Name, string? Account, int BasisPoints)[] parts =
        [
            ("reporter", slash.Reporter, split.ReporterBasisPoints),
            ("refund", rules.RefundAccount, split.RefundBasisPoints),
            ("treasury", rules.TreasuryAccount, split.TreasuryBasisPoints),
        ];
        return
        [
            .. parts.Where(p => !string.IsNullOrEmpty(p.Account) && Part(amount, p.BasisPoints) > 0)
                .Select(p => new StakePayout($"slash:{Node}:{Digest(slash.EvidenceId)}:{p.Name}", p.Account!, Part(amount, p.BasisPoints), now)),
        ];
    }

    private ImmutableArray<UnbondingEntry> WithoutYoungest(long amount)
    {
        var left = Unbonding.ToBuilder();
        while (amount > 0)
        {
            var youngest = left[^1];
            long taken = Math.Min(amount, youngest.Amount);
            amount -= taken;
            if (taken == youngest.Amount)
                left.RemoveAt(left.Count - 1);
            else
                left[^1] = youngest with { Amount = youngest.Amount - taken };
        }

        return left.DrainToImmutable();
    }

    /// <summary>Keeps derived ids short whatever the evidence is called.</summary>
    private static string Digest(string evidenceId) => Contracts.Digest.Of(System.Text.Encoding.UTF8.GetBytes(evidenceId)).Value[..32];

    private static long Part(long amount, int basisPoints) => (long)((Int128)amount * basisPoints / SlashSchedule.Whole);
}
