using Orchestrator.Contracts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.Drill.Platform;

/// <summary>Stakes of all nodes and the books behind them. Every order is given twice, as a bus that delivers at least once would.</summary>
public sealed class Treasury(TimeProvider time)
{
    private readonly Dictionary<NodeId, StakeBook> stakes = [];
    private readonly List<SlashRecord> slashes = [];
    private LedgerBook ledger = LedgerBook.Empty;

    /// <summary>Every slash that took effect, in order.</summary>
    public IReadOnlyList<SlashRecord> Slashes => slashes;

    /// <summary>A node's stake.</summary>
    public StakeBook this[NodeId node] => stakes[node];

    /// <summary>Bonds a new node's stake, from money that its host brings in.</summary>
    public void Join(NodeId node, string host, long amount)
    {
        var now = time.GetUtcNow();
        Post(LedgerEntry.Of($"in:{node}", "Paid in", now, new(LedgerAccounts.Outside, -amount), new(LedgerAccounts.Account(host), amount)));
        stakes[node] = StakeBook.Open(node, host);
        Twice(node, book => book.Apply(new Bond($"bond:{node}", host, amount, now), now));
    }

    /// <summary>Slashes once per evidence; what was taken.</summary>
    public long Slash(NodeId node, Slash slash)
    {
        var now = time.GetUtcNow();
        long taken = 0;
        Twice(node, book =>
        {
            var (next, result) = book.Apply(slash, DrillRules.Stake, now);
            if (result.Status == StakeStatus.Applied)
                slashes.Add(new SlashRecord(node, slash.EvidenceId, slash.Fault, result.Amount));
            taken += result.Amount;
            return (next, result);
        });
        foreach (var payout in stakes[node].Pending)
            Twice(node, book => book.Confirm(payout.EventId, now));
        return taken;
    }

    /// <summary>Books the bond of a lost challenge, which the challenger had brought in with it.</summary>
    public void ForfeitBond(string dispute, long amount)
    {
        var now = time.GetUtcNow();
        Post(LedgerEntry.Of($"challenge:{dispute}", "Challenge bond lost", now, new(LedgerAccounts.Outside, -amount), new(LedgerAccounts.Account(DrillRules.Stake.TreasuryAccount), amount)));
    }

    /// <summary>Throws when money or stake was made or lost.</summary>
    public void CheckConserved()
    {
        ledger.CheckConserved();
        foreach (var stake in stakes.Values)
        {
            stake.CheckConserved();
            if (ledger[LedgerAccounts.Bonded(stake.Node)] != stake.Bonded)
                throw new InvalidOperationException($"The books say that {stake.Node} has bonded {ledger[LedgerAccounts.Bonded(stake.Node)]}, its stake says {stake.Bonded}.");
        }
    }

    /// <summary>The trial balance over all stakes and the accounts behind them, which the ledger keeps.</summary>
    public TrialBalance Balance()
    {
        // Nothing is read while it moves here, so no trail is asked for.
        var query = new StatementQuery(DateTimeOffset.MaxValue, []);
        var accounts = ledger.Balances.Where(b => b.Key.StartsWith(LedgerAccounts.Account(""), StringComparison.Ordinal)).Sum(b => b.Value);
        var rest = new LedgerStatement(
            "accounts", new Dictionary<LedgerClass, long> { [LedgerClass.Customers] = accounts }, -ledger[LedgerAccounts.Outside], [], [], [], true, new Dictionary<string, Freshness>());
        return TrialBalance.Of([rest, .. stakes.Values.Select(s => s.Statement(query))], time.GetUtcNow());
    }

    private void Twice(NodeId node, Func<StakeBook, (StakeBook Book, StakeResult Result)> order)
    {
        for (int delivery = 0; delivery < 2; delivery++)
        {
            var (book, result) = order(stakes[node]);
            stakes[node] = book;
            if (result.Entry is { } entry)
                Post(entry);
        }
    }

    private void Post(LedgerEntry entry)
    {
        (ledger, var status) = ledger.Apply(entry, time.GetUtcNow());
        if (status != LedgerStatus.Applied)
            throw new InvalidOperationException($"The books refuse entry {entry.EventId}: {status}.");
    }
}

/// <summary>A slash that took effect.</summary>
public sealed record SlashRecord(NodeId Node, string EvidenceId, FaultKind Fault, long Amount);
