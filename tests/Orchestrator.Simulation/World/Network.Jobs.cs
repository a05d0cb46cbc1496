using Orchestrator.Contracts;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Settlement;

namespace Orchestrator.Simulation.World;

public sealed partial class Network
{
    private const double AbsentRate = .002;
    private const double SpamRate = .0005;
    private const int MostTries = 64;

    private readonly Dictionary<(long Stake, long Open, long Reward, int Score, bool Vetted), double> rates = [];

    private void Submit(int number, DateTimeOffset now)
    {
        int dice = rng.Below(100), size = dice < Scenario.Mix[0] ? 0 : dice < Scenario.Mix[1] ? 1 : 2, tokens = Scenario.Tokens[size];
        if (Assign(number, Scenario.Reward(tokens), now) is not { } chain)
        {
            Unserved++;
            return;
        }

        if (!JobId.TryParse($"job-{number:x32}", out var id))
            throw new FormatException($"Job {number} has no id.");
        long charge = Scenario.Prices.Quote(tokens, 0, Scenario.LayersPerStage * Scenario.Stages, 1).Total;
        Books.Book(LedgerEntry.Of($"hold:{id}", "Hold", now, new(LedgerAccounts.Account(Developer), -charge), new(LedgerAccounts.Escrow(id), charge)), now);
        var job = new Job(id, tokens, charge, chain, [.. chain.Select(n => n.Owner.Strategy.Cheats(n, Scenario.Reward(tokens), now, rng))], now);
        var tickets = new StageTicket[chain.Length];
        for (int stage = 0; stage < chain.Length; stage++)
        {
            var (node, host) = (chain[stage], chain[stage].Owner);
            node.OpenReward += job.Reward;
            node.Runs++;
            host.Runs++;
            host.Cheats += job.Cheated[stage] ? 1 : 0;
            host.Cost += !job.Cheated[stage] ? Cost(job.Reward) : host.Strategy.Hides ? Cost(job.Reward) - (long)(job.Reward * Scenario.HiddenShare) : 0;
            tickets[stage] = new(0, stage, RateOf(node, job.Reward, now), [(tokens + 31) / 32]);
        }

        byte[] signature = Signature(id);
        foreach (var draw in AuditLottery.Draw(signature, tickets, Scenario.Policy))
            audits.Enqueue((now + Scenario.Conviction, new Audit(job, draw.Stage, draw.Exact, draw.Planted, signature)));
        settlements.Enqueue((now + Scenario.Window, job));
        if (rng.Chance(SpamRate))
            Spam(job, now);
    }

    private Node[]? Assign(int number, long reward, DateTimeOffset now)
    {
        var chain = new Node[Scenario.Stages];
        int found = 0;
        for (int tries = 0; tries < MostTries && found < chain.Length; tries++)
        {
            var node = nodes[rng.Below(nodes.Count)];
            if (!MayServe(node, reward, now) || Array.Exists(chain, n => n?.Owner == node.Owner))
                continue;
            if (rng.Chance(AbsentRate))
                node.Reputation = node.Reputation.Observe(new($"absent:{number}:{tries}", ObservationKind.Absent, now), Scenario.Reputation, now);
            else
                chain[found++] = node;
        }

        return found == chain.Length ? chain : null;
    }

    private bool MayServe(Node node, long reward, DateTimeOffset now) =>
        node.Stake.MayWork && node.Stake.Bonded >= scenario.Bond && node.OpenReward + reward <= Scenario.OpenLimit && node.Reputation.MayWork(Scenario.Reputation, now);

    /// <summary>The rate by Core's rule, its inputs rounded so that it is computed once per case. A smaller bond than published is treated as the published one.</summary>
    private double RateOf(Node node, long reward, DateTimeOffset now)
    {
        var standing = node.Reputation.Correctness.Standing(Scenario.Reputation.Correctness, now);
        standing = standing with { Vetted = standing.Vetted || scenario.Known };
        long stake = scenario.BondFactor < 1 ? Scenario.PublishedBond : node.Stake.Bonded;
        long open = (node.OpenReward * 16 + Scenario.OpenLimit - 1) / Scenario.OpenLimit * Scenario.OpenLimit / 16;
        var key = (stake, open, reward, (int)Math.Floor(standing.Score * 1000), standing.Vetted);
        if (!rates.TryGetValue(key, out double rate))
        {
            var rounded = standing with { Score = key.Item4 / 1000.0 };
            rates[key] = rate = AuditRate.For(Scenario.Policy, reward, open, stake, Scenario.Stake.Slashes.Deterring, rounded).Rate;
        }

        return rate;
    }

    private void Settle(Job job, DateTimeOffset now)
    {
        if (now < job.At + Scenario.Window)
            EarlyPayouts++;
        bool overturned = job.Proven.Contains(true);
        Overturned += overturned ? 1 : 0;
        var work = new StageWork[job.Nodes.Length];
        for (int stage = 0; stage < work.Length; stage++)
        {
            var node = job.Nodes[stage];
            node.OpenReward -= job.Reward;
            work[stage] = new(0, stage, node.Id, node.Owner.Account, Scenario.LayersPerStage, job.Tokens);
            // Pay lost through others' cheating is lost to the honest too.
            bool others = job.Proven.Where((_, s) => s != stage).Contains(true);
            node.Owner.HonestProfit += (others ? 0 : job.Reward) - Cost(job.Reward);
        }

        var escrow = LedgerAccounts.Escrow(job.Id);
        var outs = overturned
            ? [new(LedgerAccounts.Account(Developer), job.Charge)]
            : RewardSplit.Split(job.Id, job.Charge, Scenario.Prices, work, Scenario.Stake.TreasuryAccount).Payouts.Select(p => new Posting(LedgerAccounts.Account(p.Account), p.Amount));
        Books.Book(LedgerEntry.Of($"settle:{job.Id}", overturned ? "Refund" : "Settlement", now, [new(escrow, -job.Charge), .. outs]), now);
    }

    private static long Cost(long reward) => (long)(reward * Scenario.CostShare);
}
