using System.Security.Cryptography;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Simulation.Strategies;

namespace Orchestrator.Simulation.World;

/// <summary>The whole network in virtual time. Decisions are Core's; this class only lets things happen and counts.</summary>
public sealed partial class Network
{
    private const string Developer = "developer";
    private const long Plenty = 1L << 60;

    /// <summary>Between things that everybody does: a ledger remembers only so many events of one instant.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(1);

    private static readonly DateTimeOffset Start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Scenario scenario;
    private readonly Rng rng;
    private readonly List<Node> nodes = [];
    private readonly List<Host> hosts = [];
    private readonly PriorityQueue<Action<DateTimeOffset>, (DateTimeOffset At, long Order)> agenda = new();
    private readonly Queue<(DateTimeOffset At, Job Job)> settlements = new();
    private readonly Queue<(DateTimeOffset At, Audit Audit)> audits = new();
    private long order;

    public Network(Scenario scenario)
    {
        this.scenario = scenario;
        rng = new Rng(scenario.Seed);
        Books.Book(LedgerEntry.Of("genesis", "Money of developers and the protocol", Start - TimeSpan.FromDays(1),
            new(LedgerAccounts.Outside, -2 * Plenty), new(LedgerAccounts.Account(Developer), Plenty), new(LedgerAccounts.Account(Scenario.Stake.TreasuryAccount), Plenty)), Start - TimeSpan.FromDays(1));
        foreach (var strategy in AllStrategies.List.Skip(1))
            Populate(strategy, (int)Math.Max(1, scenario.Nodes * strategy.Share));
        Populate(AllStrategies.List[0], scenario.Nodes - hosts.Count);
    }

    public Books Books { get; } = new();

    public IReadOnlyList<Host> Hosts => hosts;

    public int Identities => nodes.Count;

    public long Unserved { get; private set; }

    public long Overturned { get; private set; }

    public long Audited { get; private set; }

    public long Planted { get; private set; }

    public long Disputes { get; private set; }

    /// <summary>Stake or pay that left before its time; must stay 0.</summary>
    public long EarlyPayouts { get; private set; }

    /// <summary>Runs everything to the end: all jobs settled, all stake withdrawn.</summary>
    public void Run()
    {
        var step = scenario.Duration / scenario.Jobs;
        for (int number = 0; number < scenario.Jobs; number++)
        {
            var now = Start + step * number;
            Pass(now);
            Submit(number, now);
        }

        var end = Start + scenario.Duration + Scenario.Window;
        Pass(end);
        foreach (var node in nodes)
            Leave(node, end += Apart);
        end += Scenario.Stake.UnbondingDelay;
        foreach (var node in nodes)
            Books.Take(node, node.Stake.Apply(new Withdraw($"last:{node.Id}", end), end += Apart), end);
        Books.Ledger.CheckConserved();
        if (nodes.Any(n => n.Stake.AtStake != 0 || n.Stake.InFlight != 0))
            throw new InvalidOperationException("Stake is left after everybody withdrew.");
    }

    /// <summary>What a host made: all it has now, less what it brought and what it spent.</summary>
    public long ProfitOf(Host host) => Books.Balance(host.Account) - host.Funds - host.Cost;

    /// <summary>Lets everything happen that is due, in order of time.</summary>
    private void Pass(DateTimeOffset now)
    {
        while (true)
        {
            var settles = settlements.TryPeek(out var s) ? s.At : DateTimeOffset.MaxValue;
            var convicts = audits.TryPeek(out var a) ? a.At : DateTimeOffset.MaxValue;
            var happens = agenda.TryPeek(out _, out var next) ? next.At : DateTimeOffset.MaxValue;
            var first = new[] { settles, convicts, happens }.Min();
            if (first > now)
                return;
            if (happens == first)
                agenda.Dequeue()(first);
            else if (convicts == first)
                Examine(audits.Dequeue().Audit, first);
            else
                Settle(settlements.Dequeue().Job, first);
        }
    }

    private void Later(DateTimeOffset at, Action<DateTimeOffset> what) => agenda.Enqueue(what, (at, order++));

    private void Populate(Strategy strategy, int count)
    {
        for (int i = 0; i < count; i++)
        {
            var host = new Host($"host-{hosts.Count}", strategy) { Funds = scenario.Bond * (2 + strategy.Rebirths) };
            hosts.Add(host);
            var joins = Start + Apart * (hosts.Count - scenario.Nodes);
            Books.Book(LedgerEntry.Of($"fund:{host.Account}", "Brought in", joins,
                new(LedgerAccounts.Outside, -host.Funds), new(LedgerAccounts.Account(host.Account), host.Funds)), joins);
            var node = Join(host, joins);
            if (strategy.Exit(Start, scenario.Duration, rng) is { } exit)
            {
                node.ExitAt = exit;
                Later(exit, at => Leave(node, at));
            }
        }
    }

    private Node Join(Host host, DateTimeOffset now)
    {
        var id = NodeId.FromPublicKey(Encoding.UTF8.GetBytes($"{scenario.Seed}/{nodes.Count}"));
        var node = new Node(id, host, StakeBook.Open(id, host.Account), NodeReputation.Newcomer(Scenario.Reputation, now));
        nodes.Add(node);
        host.Nodes.Add(node);
        TopUp(node, now);
        return node;
    }

    private void TopUp(Node node, DateTimeOffset now)
    {
        long missing = Math.Min(scenario.Bond - node.Stake.Bonded, Books.Balance(node.Owner.Account));
        if (missing > 0)
            Books.Take(node, node.Stake.Apply(new Bond($"bond:{node.Id}:{order++}", node.Owner.Account, missing, now), now), now);
    }

    private void Leave(Node node, DateTimeOffset now)
    {
        if (node.Stake.Bonded == 0)
            return;
        Books.Take(node, node.Stake.Apply(new Unbond($"unbond:{node.Id}:{order++}", node.Stake.Bonded, now), Scenario.Stake, now), now);
        // It tries its luck at once: stake must not come out while it can still be slashed.
        Books.Take(node, Early(node.Stake.Apply(new Withdraw($"early:{node.Id}:{order++}", now), now)), now);
    }

    private (StakeBook Book, StakeResult Result) Early((StakeBook Book, StakeResult Result) outcome)
    {
        EarlyPayouts += outcome.Result.Amount;
        return outcome;
    }

    /// <summary>Stands in for the platform's signature over the receipts: 64 bytes that no node can foresee.</summary>
    private byte[] Signature(JobId job) => SHA512.HashData(Encoding.UTF8.GetBytes($"{scenario.Seed}|{job}"));
}
