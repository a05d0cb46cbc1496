using Orchestrator.Core.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Simulation.World;

public sealed partial class Network
{
    /// <summary>An audit's report is in, and what follows from it has been decided.</summary>
    private void Examine(Audit audit, DateTimeOffset now)
    {
        var (job, stage) = (audit.Job, audit.Stage);
        var audited = job.Nodes[stage];
        if (Auditor(audit, "auditor", audited.Owner, now) is not { } auditor)
            return;
        Audited++;
        bool lied = job.Cheated[stage];
        bool found = lied && (audit.Exact || (!audited.Owner.Strategy.Hides && AuditLottery.Uniform(audit.Signature, $"power/{stage}") < Scenario.Policy.DetectorPower));
        bool reports = auditor.Owner.Strategy.Reports(audited, found, rng);
        bool accusesItself = lied && audited.Owner.Strategy.AccusesItself;
        Pay(auditor, audit, $"audit:{job.Id}:{stage}", now);
        if (reports && found && !audit.Exact)
            ReplayExactly(auditor, job);
        if (reports || accusesItself)
            Dispute(job, stage, auditor, claimWrong: !found && !accusesItself, accusesItself, now);
        else
            Observe(audited, $"audit:{job.Id}:{stage}", ObservationKind.Right, now);
        if (audit.Planted && Auditor(audit, "planted", auditor.Owner, now) is { } other && other.Owner != audited.Owner)
            Plant(audit, other, now);
    }

    /// <summary>A doubt is borne out by bits at the auditor's own cost; the reporter's part of the slash is what it gets for it.</summary>
    private static void ReplayExactly(Node auditor, Job job)
    {
        long cost = Cost((long)(job.Reward * Scenario.ExactAuditPay));
        auditor.Owner.Cost += cost;
        auditor.Owner.HonestProfit -= cost;
    }

    /// <summary>The same kind of task with an error that every honest auditor sees.</summary>
    private void Plant(Audit audit, Node auditor, DateTimeOffset now)
    {
        Planted++;
        string id = $"planted:{audit.Job.Id}:{audit.Stage}";
        Pay(auditor, audit, id, now);
        if (!auditor.Owner.Strategy.ComputesAudits)
            Punish(auditor, new(id, FaultKind.LazyAudit, now, null, "Called a planted error right."), deserved: true, now);
    }

    private void Dispute(Job job, int stage, Node auditor, bool claimWrong, bool accusesItself, DateTimeOffset now)
    {
        Disputes++;
        var audited = job.Nodes[stage];
        bool lied = job.Cheated[stage];
        var verdict = Court.Play(job, stage, auditor.Id, lied, claimWrong, lied && audited.Owner.Strategy.Withholds, now);
        if (verdict.Outcome == DisputeOutcome.Overturned)
        {
            audited.Owner.Proven++;
            job.Proven[stage] = true;
            Observe(audited, $"audit:{job.Id}:{stage}", ObservationKind.Wrong, now);
            var reporter = accusesItself ? audited.Owner : auditor.Owner;
            long bounty = Punish(audited, new(verdict.EvidenceId!, verdict.Fault!.Value, job.At, reporter.Account, verdict.Reason), deserved: lied, now);
            auditor.Owner.HonestProfit += accusesItself ? 0 : bounty;
        }
        else if (verdict.Fault is { } fault)
        {
            Punish(auditor, new(verdict.EvidenceId!, fault, now, null, verdict.Reason), deserved: claimWrong, now);
        }
    }

    private void Spam(Job job, DateTimeOffset now)
    {
        var spammers = hosts.Where(h => h.Strategy.Spams && Books.Balance(h.Account) >= Scenario.Challenge.Amount).ToList();
        if (spammers.Count == 0)
            return;
        var host = spammers[rng.Below(spammers.Count)];
        int stage = rng.Below(Scenario.Stages);
        if (job.Nodes[stage].Owner == host)
            return;
        Disputes++;
        string id = $"{job.Id}:{stage}";
        Books.Book(Scenario.Challenge.Post(id, host.Account, now), now);
        var verdict = Court.Play(job, stage, host.Nodes[0].Id, job.Cheated[stage], challengerLies: true, job.Cheated[stage] && job.Nodes[stage].Owner.Strategy.Withholds, now);
        var end = Scenario.Challenge.Settle(id, verdict, host.Account, job.Nodes[stage].Owner.Account, Scenario.Stake.TreasuryAccount, now);
        Books.Book(end, now);
        job.Nodes[stage].Owner.HonestProfit += end.Postings.Where(p => p.Account == LedgerAccounts.Account(job.Nodes[stage].Owner.Account)).Sum(p => p.Amount);
        if (verdict.Outcome != DisputeOutcome.Overturned)
            return;
        job.Nodes[stage].Owner.Proven++;
        job.Proven[stage] = true;
        Punish(job.Nodes[stage], new(verdict.EvidenceId!, verdict.Fault!.Value, job.At, host.Account, verdict.Reason), deserved: job.Cheated[stage], now);
    }

    /// <summary>Slashes, and says what the reporter got.</summary>
    private long Punish(Node node, Slash slash, bool deserved, DateTimeOffset now)
    {
        var outcome = node.Stake.Apply(slash, Scenario.Stake, now);
        long bounty = outcome.Book.Pending.Where(p => p.Account == slash.Reporter).Sum(p => p.Amount);
        Books.Take(node, outcome, now);
        if (outcome.Result.Status != StakeStatus.Applied)
            return 0;
        var host = node.Owner;
        host.Slashes++;
        host.Slashed += outcome.Result.Amount;
        host.FalseSlashes += deserved ? 0 : 1;
        if (host.Strategy.Rebirths == 0 || host.Nodes.Count > host.Strategy.Rebirths)
            return bounty;
        if (node.Stake.Tombstoned)
            Return(host, now);
        else
            Later(node.Stake.JailedUntil!.Value, at => Resume(node, at));
        return bounty;
    }

    /// <summary>A new key for a barred one, if what is left pays its bond.</summary>
    private void Return(Host host, DateTimeOffset now)
    {
        if (host.Nodes.All(n => n.Stake.Tombstoned) && Books.Balance(host.Account) >= scenario.Bond)
            Join(host, now);
    }

    private void Resume(Node node, DateTimeOffset now)
    {
        Books.Take(node, node.Stake.Release(now), now);
        TopUp(node, now);
    }

    private Node? Auditor(Audit audit, string purpose, Host except, DateTimeOffset now)
    {
        for (int attempt = 0; attempt < MostTries; attempt++)
        {
            var node = nodes[(int)(AuditLottery.Uniform(audit.Signature, $"{purpose}/{audit.Stage}/{attempt}") * nodes.Count)];
            if (node.Owner != except && node.Stake.MayWork && node.Stake.Bonded >= scenario.Bond && node.Reputation.MayWork(Scenario.Reputation, now))
                return node;
        }

        return null;
    }

    private void Pay(Node auditor, Audit audit, string id, DateTimeOffset now)
    {
        long pay = (long)(audit.Job.Reward * (audit.Exact ? Scenario.ExactAuditPay : Scenario.AuditPay)), cost = Cost(pay);
        Books.Book(LedgerEntry.Of($"pay:{id}", "Audit", now, new(LedgerAccounts.Account(Scenario.Stake.TreasuryAccount), -pay), new(LedgerAccounts.Account(auditor.Owner.Account), pay)), now);
        auditor.Owner.HonestProfit += pay - cost;
        auditor.Owner.Cost += auditor.Owner.Strategy.ComputesAudits ? cost : 0;
    }

    private static void Observe(Node node, string id, ObservationKind kind, DateTimeOffset now) =>
        node.Reputation = node.Reputation.Observe(new(id, kind, now), Scenario.Reputation, now);
}
