using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Settlement;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Platform;

/// <summary>One try of a job: plan, run, read what was signed, compare, draw audits, settle what they find.</summary>
public sealed class Rounds(
    Cheat cheat, AssuranceLevel level, Engines engines, Roster roster, Treasury treasury, VirtualClock clock, SigningKey platform, Tally tally)
{
    private const int MostChains = 8;

    private readonly Statements statements = new(engines, treasury, clock);
    private readonly Checks checks = new(engines, roster, treasury, clock, tally, cheat.Hides);

    /// <summary>Plays one try.</summary>
    /// <returns>The final answer, or null and who is to be left out of the next try.</returns>
    public (IReadOnlyList<int>? Answer, IReadOnlyCollection<NodeId> Blamed) Play(DrillJob job, int attempt, IReadOnlySet<NodeId> excluded)
    {
        var chains = new List<ChainRun>();
        var findings = new List<Finding>();
        try
        {
            var (answer, probability) = Play(job, attempt, excluded, chains, findings);
            foreach (var finding in findings)
                tally.Prove(finding.Proof);
            if (Chance(chains))
                tally.Trial(findings.Count > 0, probability());
            return (answer, [.. findings.SelectMany(f => f.Blamed)]);
        }
        finally
        {
            chains.ForEach(chain => chain.Dispose());
        }
    }

    private (IReadOnlyList<int>? Answer, Func<double> Probability) Play(
        DrillJob job, int attempt, IReadOnlySet<NodeId> excluded, List<ChainRun> chains, List<Finding> findings)
    {
        var standing = new List<StandingChain>();
        while (standing.Count < level.Chains)
        {
            int more = level.Chains - standing.Count;
            if (chains.Count + more > MostChains || Plan(job, attempt, more, excluded, chains) is not { } planned)
                return (null, () => Quoted(chains));
            foreach (var nodes in planned)
            {
                var chain = new ChainRun(job, chains.Count, attempt, nodes, engines, clock);
                chains.Add(chain);
                if (statements.Read(chain, chain.Run(), findings) is { } opened)
                    standing.Add(new StandingChain(chain, opened));
            }

            // One chain has nobody to be compared with: it is refused or it stands.
            if (level.Chains == 1 && standing.Count == 0)
                return (null, () => Quoted(chains));
            Compare(standing, findings);
        }

        double audited = level.Kind is AssuranceKind.Sampled or AssuranceKind.Optimistic ? Audit(standing[0], findings) : 0;
        bool overturned = findings.Any(f => f.Proof is Proof.Audit or Proof.Challenge or Proof.Withholding);
        return (overturned ? null : standing[0].Opened.Result.Choices[0].Tokens, () => Quoted(chains, audited));
    }

    private IReadOnlyList<IReadOnlyList<DrillNode>>? Plan(DrillJob job, int attempt, int chains, IReadOnlySet<NodeId> excluded, List<ChainRun> before)
    {
        ulong seed = (ulong)(uint)job.Number << 16 | (ulong)(uint)attempt << 8 | (uint)before.Count;
        return roster.Plan(chains, seed * 0x9E3779B97F4A7C15, excluded, before.SelectMany(c => c.Stages).Select(s => s.Node.Host).ToHashSet());
    }

    /// <summary>Drops the chains that turn out wrong where chains differ.</summary>
    private void Compare(List<StandingChain> standing, List<Finding> findings)
    {
        var outcomes = standing.Select(s => s.Outcome).ToList();
        var result = ChainReconciler.Reconcile(outcomes, level.Chains, Math.Max(level.Chains, outcomes.Count));
        if (result.Differences.Count == 0)
            return;
        foreach (var chain in standing.ToList())
        {
            if (checks.Settle(chain, findings))
                standing.Remove(chain);
        }
    }

    /// <summary>Draws and does audits, and lets somebody look in an optimistic job's window; the probability that an altered chunk was to be found.</summary>
    private double Audit(StandingChain chain, List<Finding> findings)
    {
        var tickets = Tickets(chain);
        byte[] signature = platform.Sign(Encoding.ASCII.GetBytes($"orchestrator-audits/1|{Digest.Of(Encoding.ASCII.GetBytes(string.Join('\n', chain.Opened.Receipts.Select(r => r.Payload.Value))))}"));
        double missed = 1;
        foreach (var ticket in tickets)
            missed *= 1 - ticket.Rate * checks.Exposed(chain.Run.Stages[ticket.Stage], chain.Tokens);
        foreach (var draw in AuditLottery.Draw(signature, tickets, DrillRules.Audits))
            checks.Audit(chain, draw, signature, cheat.Shows == Shows.Reports, findings);
        if (level.HasWindow)
        {
            if (AuditLottery.Uniform(signature, "watcher") < DrillRules.WatcherShare)
                checks.Watch(chain, signature, findings);
            checks.Spam(chain, findings);
        }

        return 1 - missed;
    }

    private List<StageTicket> Tickets(StandingChain chain)
    {
        var job = chain.Run.Stages[0].Job;
        int tokens = chain.Run.Stages[0].Committer.Tokens;
        var work = chain.Run.Stages.Select(s => new Core.Settlement.StageWork(0, s.Stage, s.Node.Id, s.Node.Host, s.Shard.Layers.Count, tokens)).ToList();
        long charge = DrillRules.Prices.Quote(job.Prompt.Count, tokens - job.Prompt.Count, engines.Model.Manifest.LayerCount, 1).Total;
        var rewards = RewardSplit.Split(job.Id, charge, DrillRules.Prices, work, DrillRules.Stake.TreasuryAccount);
        return
        [
            .. rewards.Stages.Select(s => new StageTicket(
                0, s.Work.Stage,
                AuditRate.For(DrillRules.Audits, s.Amount, s.Amount * DrillRules.OpenJobs, treasury[s.Work.Node].Bonded, DrillRules.Stake.Slashes.Deterring, roster.Standing(s.Work.Node)).Rate,
                [chain.Run.Stages[s.Work.Stage].Committer.Chunks.Count])),
        ];
    }

    /// <summary>Whether this round was a chance to catch the cheat. Reports and accusations are counted where they are made.</summary>
    private bool Chance(List<ChainRun> chains) => cheat.Shows switch
    {
        Shows.Statements => chains.Any(c => c.Cheated),
        // Colluders: what counts is whether the lie of the first chain is noticed.
        Shows.Results => (cheat.LieAlike ? chains.Take(1) : chains).Any(c => c.Stages.Any(Checks.Altered)),
        _ => false,
    };

    private double Quoted(List<ChainRun> chains, double audited = 0)
    {
        if (cheat.Shows == Shows.Statements)
            return 1;
        var model = DrillRules.Model with { CollusionShare = level.Kind == AssuranceKind.Redundant && cheat.LieAlike ? checks.OthersWhoLieAlike(chains[0]) : 0 };
        return AssuranceQuote.For(level, 0, AuditOutlook.At(audited), model).Detection;
    }
}
