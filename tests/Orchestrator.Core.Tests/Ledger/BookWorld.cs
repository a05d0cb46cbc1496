using Orchestrator.Contracts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Tests.Ledger;

/// <summary>Accounts and stakes that pay each other over deliveries that are late, repeated or cut off half-way.</summary>
internal sealed class BookWorld
{
    public const int Kinds = 11;

    private static readonly string[] AccountIds = ["dev-a", "dev-b", "host-a", "host-b", "protocol", "refunds"];
    private static readonly NodeId[] NodeIds = [Given.NodeOf("a"), Given.NodeOf("b")];

    private readonly Dictionary<string, AccountBook> accounts = AccountIds.ToDictionary(a => a, _ => AccountBook.Empty);
    private readonly Dictionary<string, StakeBook> stakes = NodeIds.ToDictionary(LedgerAccounts.Bonded, n => StakeBook.Open(n, n == NodeIds[0] ? "host-a" : "host-b"));
    private readonly List<(string From, Outgoing Payout)> everything = [];
    private readonly Dictionary<int, DateTimeOffset> faults = [];
    private int serial;

    public DateTimeOffset Now { get; set; } = Given.Now;

    /// <summary>Transfers that arrived, by receiver and id.</summary>
    public HashSet<(string To, string Id)> Arrived { get; } = [];

    public IReadOnlyList<string> Books { get; } = [.. AccountIds.Select(LedgerAccounts.Account), .. NodeIds.Select(LedgerAccounts.Bonded)];

    public IEnumerable<(string From, Outgoing Payout)> Pending => Books.SelectMany(b => Read(b, Given.Now, []).Pending, (b, p) => (b, p));

    public LedgerStatement Read(string book, DateTimeOffset since, IReadOnlyList<AskedTransfer> asked) => stakes.TryGetValue(book, out var stake)
        ? stake.Statement(new(since, asked))
        : accounts[Id(book)].Statement(Id(book), Id(book) switch { "protocol" => LedgerClass.Protocol, "refunds" => LedgerClass.Refunds, _ => null }, new(since, asked));

    /// <summary>Does one thing; refusals are part of the game.</summary>
    public void Do(int kind, int pick, long amount)
    {
        string id = $"{kind}-{serial++}";
        string account = AccountIds[pick % 4];
        string node = LedgerAccounts.Bonded(NodeIds[pick % 2]);
        switch (kind)
        {
            case 0:
                accounts[account] = accounts[account].Apply(new Credit($"grant-{pick}-{amount % 7}", amount, "", Now), Now).Book;
                break;
            case 1:
                Pay(account, id, amount, [new($"{id}:h", AccountIds[2 + pick % 2], amount / 2), new($"{id}:p", "protocol", amount / 4)]);
                break;
            case 2:
                accounts[account] = accounts[account].Apply(new Hold(id, amount, Now.AddHours(1)), Now).Book;
                break;
            case 3 when accounts[account].Holds.Keys.Order().FirstOrDefault() is { } job:
                accounts[account] = accounts[account].Release(job, Now);
                break;
            case 4:
                Pay(Id(LedgerAccounts.Account(stakes[node].Owner)), id, amount, [new(id, node, amount)]);
                break;
            case 5:
                stakes[node] = stakes[node].Apply(new Unbond(id, amount, Now), StakeRules.Default, Now).Book;
                break;
            case 6:
                stakes[node] = stakes[node].Apply(new Withdraw(id, Now), Now).Book;
                break;
            case 7:
                // The same evidence proves the same fault again and again.
                faults.TryAdd(pick, Now);
                stakes[node] = stakes[node].Apply(new Slash($"e{pick}", FaultKind.LazyAudit, faults[pick], "dev-b", ""), StakeRules.Default, Now).Book;
                break;
            case 8 when Any(Pending, pick) is { Payout: not null } lost:
                // Cut off between the two sides: the payer never hears of it.
                Deliver(lost.From, lost.Payout);
                break;
            case 9 when everything.Count > 0:
                var (from, payout) = everything[pick % everything.Count];
                Deliver(from, payout);
                break;
            case 10 when Any(Pending, pick) is { Payout: not null } whole:
                Complete(whole.From, whole.Payout);
                break;
        }

        everything.AddRange(Pending.Except(everything));
        foreach (var book in accounts.Values)
            book.CheckConserved();
        foreach (var book in stakes.Values)
            book.CheckConserved();
    }

    /// <summary>Delivers and confirms all that is in flight.</summary>
    public void Finish()
    {
        foreach (var (from, payout) in Pending.ToList())
            Complete(from, payout);
    }

    public void Complete(string from, Outgoing payout)
    {
        bool late = Deliver(from, payout) == Freshness.TooOld;
        if (stakes.TryGetValue(from, out var stake))
            stakes[from] = (late ? stake.Suspend(payout.Id, SuspenseReason.TooOld, Now) : stake.Confirm(payout.Id, Now)).Book;
        else
            accounts[Id(from)] = late ? accounts[Id(from)].Suspend(payout.Id, SuspenseReason.TooOld, Now) : accounts[Id(from)].Confirm(payout.Id, Now);
    }

    public void Resolve(string from, string id, SuspenseEnd end)
    {
        if (stakes.TryGetValue(from, out var stake))
            stakes[from] = stake.Resolve(id, end, Now).Book;
        else
            accounts[Id(from)] = accounts[Id(from)].Resolve(id, end, Now).Book;
    }

    /// <summary>A receiver that says it has what it has not: a lost write.</summary>
    public void Lose(string from, Outgoing payout) => accounts[Id(from)] = accounts[Id(from)].Confirm(payout.Id, Now);

    private Freshness Deliver(string from, Outgoing payout)
    {
        Freshness answer;
        if (stakes.TryGetValue(payout.To, out var stake))
        {
            (stakes[payout.To], var result) = stake.Apply(new Bond(payout.Id, Id(from), payout.Amount, payout.IssuedAt), Now);
            answer = result.Status switch { StakeStatus.Applied => Freshness.New, StakeStatus.TooOld => Freshness.TooOld, _ => Freshness.Duplicate };
        }
        else
        {
            (accounts[Id(payout.To)], var status) = accounts[Id(payout.To)].Apply(new Credit(payout.Id, payout.Amount, "", payout.IssuedAt, from), Now);
            answer = status switch { CreditStatus.Applied => Freshness.New, CreditStatus.TooOld => Freshness.TooOld, _ => Freshness.Duplicate };
        }

        if (answer == Freshness.New)
            Arrived.Add((payout.To, payout.Id)).ShouldBeTrue($"{payout.Id} arrived twice");
        return answer;
    }

    private void Pay(string account, string job, long amount, Payout[] payouts)
    {
        var (held, status) = accounts[account].Apply(new Hold(job, amount, Now.AddHours(1)), Now);
        accounts[account] = status == HoldStatus.Held ? held.Apply(new Core.Accounts.Settlement(job, [.. payouts.Where(p => p.Amount > 0)], Now), Now).Book : held;
    }

    private static (string From, Outgoing Payout) Any(IEnumerable<(string From, Outgoing Payout)> pending, int pick) =>
        pending.OrderBy(p => p.Payout.Id, StringComparer.Ordinal).ToList() is { Count: > 0 } all ? all[pick % all.Count] : default;

    private static string Id(string book) => book[(book.IndexOf(':') + 1)..];
}
