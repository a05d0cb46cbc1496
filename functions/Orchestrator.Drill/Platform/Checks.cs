using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using ChunkClaim = Orchestrator.Core.Disputes.ChunkClaim;

namespace Orchestrator.Drill.Platform;

/// <summary>Has stages run again by others, and disputes what comes out otherwise.</summary>
/// <param name="engines">Loaded shards.</param>
/// <param name="roster">Who is there.</param>
/// <param name="treasury">What they have staked.</param>
/// <param name="clock">The time.</param>
/// <param name="tally">Counts.</param>
/// <param name="hidden">The drilled cheat keeps fingerprints within their limits: only bits show it.</param>
public sealed class Checks(Engines engines, Roster roster, Treasury treasury, VirtualClock clock, Tally tally, bool hidden)
{
    private readonly Auditing auditing = new(engines, clock);
    private readonly Court court = new(engines, clock);

    /// <summary>Whether a stage's results are not what an honest node gets from the same inputs. Known to the drill, not to the platform.</summary>
    public static bool Altered(StageWork work) => work.Cheated && AlteredChunks(work, null).Count > 0;

    /// <summary>Probability that an audit of one chunk of a stage notices, by which chunks are altered and which auditors cover for it.</summary>
    public double Exposed(StageWork work, IReadOnlyList<int> drawn)
    {
        if (!work.Cheated)
            return 0;
        var auditors = Auditors(work);
        double covering = auditors.Count == 0 ? 1 : (double)auditors.Count(a => a.Conduct.Covers(work.Node)) / auditors.Count;
        var (exact, batched) = (DrillRules.Audits.ExactShare, hidden ? 0 : DrillRules.Audits.DetectorPower);
        double power = exact + (1 - exact) * batched;
        var altered = AlteredChunks(work, drawn);
        // Whoever runs a chunk again runs those before it anyway and compares them too: every draw from the first altered chunk on notices.
        int noticing = altered.Count == 0 ? 0 : work.Committer.Chunks.Count - altered.Min();
        return power * (1 - covering) * noticing / work.Committer.Chunks.Count;
    }

    /// <summary>
    /// Probability r that another chain gives the same wrong result as this one without being one of its hosts: at the stages that lie here it gets
    /// a node that lies alike, at all others one that does not.
    /// </summary>
    public double OthersWhoLieAlike(ChainRun chain)
    {
        double alike = 1;
        foreach (var work in chain.Stages)
        {
            var others = roster.Present.Where(n => n.Stage == work.Stage && n.Host != work.Node.Host && n.Id != work.Node.Id).ToList();
            double liars = others.Count == 0 ? 0 : (double)others.Count(n => n.Conduct.Lies(work)) / others.Count;
            alike *= Altered(work) ? liars : 1 - liars;
        }

        return alike;
    }

    /// <summary>Does one audit that was drawn.</summary>
    /// <param name="chain">The audited chain.</param>
    /// <param name="draw">Stage and chunks.</param>
    /// <param name="signature">Chooses the auditor.</param>
    /// <param name="countReports">Whether a planted error finds an auditor that does not look is what counts.</param>
    /// <param name="findings">Takes what comes out.</param>
    public void Audit(StandingChain chain, AuditDraw draw, byte[] signature, bool countReports, List<Finding> findings)
    {
        var work = chain.Run.Stages[draw.Stage];
        if (Pick(Auditors(work), signature, $"auditor/{draw.Stage}") is not { } auditor)
            return;
        var mode = draw.Exact ? AuditMode.Exact : AuditMode.Batched;
        IReadOnlyList<int> chunks = [.. Enumerable.Range(0, draw.Chunks.Max(c => c.Chunk) + 1)];
        Check(work, chain.Tokens, chunks, auditor, mode, Proof.Audit, findings);
        // The planted task goes to somebody who has not seen the right inputs.
        var others = Auditors(work).Where(n => n.Host != auditor.Host).ToList();
        double lazy = others.Count == 0 ? 0 : (double)others.Count(n => n.Conduct.Covers(work.Node)) / others.Count;
        bool caught = draw.Planted && Pick(others, signature, $"planted/{draw.Stage}") is { } other && Plant(work, chain.Tokens, chunks, other, mode);
        if (countReports)
            tally.Trial(caught, DrillRules.Audits.PlantedOf(draw.Exact) * lazy);
    }

    /// <summary>Somebody honest looks at all stages of a chain, and challenges the first that is wrong.</summary>
    public void Watch(StandingChain chain, byte[] signature, List<Finding> findings)
    {
        foreach (var work in chain.Run.Stages)
        {
            var watchers = Auditors(work).Where(n => !n.Cheats).ToList();
            if (Pick(watchers, signature, $"watcher/{work.Stage}") is { } watcher && Check(work, chain.Tokens, All(work), watcher, AuditMode.Exact, Proof.Challenge, findings))
                return;
        }
    }

    /// <summary>Nodes that challenge without looking do so, at most one per job.</summary>
    public void Spam(StandingChain chain, List<Finding> findings)
    {
        foreach (var spammer in roster.Present.Where(n => chain.Run.Stages.All(s => s.Node != n) && roster.MayWork(n.Id)))
        {
            var work = chain.Run.Stages[spammer.Stage];
            if (spammer.Conduct.Challenge(work) is not { Count: > 0 } claims || spammer.Host == work.Node.Host)
                continue;
            bool lost = Dispute(spammer, work, claims, null, Proof.Challenge, findings) is { Outcome: DisputeOutcome.Upheld };
            tally.Trial(lost, 1);
            return;
        }
    }

    /// <summary>Whether a chain that differs from another is the wrong one: every stage is run again by a third party, and another one if that covers for it.</summary>
    public bool Settle(StandingChain chain, List<Finding> findings)
    {
        foreach (var work in chain.Run.Stages)
        {
            foreach (var auditor in Auditors(work))
            {
                if (Check(work, chain.Tokens, All(work), auditor, AuditMode.Exact, Proof.Redundancy, findings))
                    return true;
                // Both sides cannot be right: one auditor that may cover is not enough, two of different hosts that agree are.
                if (!auditor.Conduct.Covers(work.Node))
                    break;
            }
        }

        return false;
    }

    /// <summary>Nodes that can run a stage again: of another host, and fit for work.</summary>
    private List<DrillNode> Auditors(StageWork work) =>
        [.. roster.Present.Where(n => n.Stage == work.Stage && n.Host != work.Node.Host && roster.MayWork(n.Id)).OrderBy(n => n.Id.Value, StringComparer.Ordinal)];

    private static DrillNode? Pick(List<DrillNode> nodes, byte[] signature, string purpose) =>
        nodes.Count == 0 ? null : nodes[(int)(AuditLottery.Uniform(signature, purpose) * nodes.Count)];

    private static IReadOnlyList<int> All(StageWork work) => [.. Enumerable.Range(0, work.Committer.Chunks.Count)];

    private static Replay Honest(StageWork work) => work.Honest ??= Replay.Of(work);

    private static HashSet<int> AlteredChunks(StageWork work, IReadOnlyList<int>? drawn)
    {
        var honest = Honest(work);
        var altered = All(work).Where(c => honest.Chunks[c].Output != work.Committer.Chunks[c].Output).ToHashSet();
        if (work.IsLast)
            altered.UnionWith(All(work).Where(c => honest.WrongDraw(work, drawn ?? work.Drawn, [c]) is not null));
        return altered;
    }

    /// <summary>Compares some chunks of a stage with what an auditor reports; true when the stage was found wrong.</summary>
    private bool Check(StageWork work, IReadOnlyList<int> drawn, IReadOnlyList<int> chunks, DrillNode auditor, AuditMode how, Proof proof, List<Finding> findings)
    {
        string id = $"check:{work.Session}/{work.Stage}/{auditor.Id}/{proof}";
        if (auditing.Evidence(work, out byte[] inputs) is not { } claimed)
        {
            // Nothing to compute from: the challenge only asks for the leaves.
            roster.Observe(work.Node.Id, id, ObservationKind.Absent);
            return Dispute(auditor, work, [new ChunkClaim(chunks[0], Digest.Of([]))], null, Proof.Withholding, findings) is { Outcome: DisputeOutcome.Overturned };
        }

        var report = auditing.Report(work, inputs, claimed, drawn, chunks, auditor, how);
        var found = auditing.Compare(work, report, claimed);
        if (found.Kind != FindingKind.Same && how == AuditMode.Batched)
        {
            // Fingerprints say that something is off; only exact values can be disputed.
            report = auditing.Report(work, inputs, claimed, drawn, chunks, auditor, AuditMode.Exact);
            found = auditing.Compare(work, report, claimed);
            if (found.Kind == FindingKind.Same)
                tally.FalseAlarm();
        }

        roster.Observe(work.Node.Id, id, found.Kind == FindingKind.Same ? ObservationKind.Right : ObservationKind.Wrong);
        if (found.Kind == FindingKind.Same)
            return false;
        var claims = found.Kind == FindingKind.Draws
            ? [Drawing(work, found.Position!.Value)]
            : report.Chunks.Where(c => c.Output != claimed[c.Chunk].Output).Select(c => new ChunkClaim(c.Chunk, c.Output!.Value)).ToList();
        return Dispute(auditor, work, claims, found.Kind == FindingKind.Draws ? drawn : null, proof, findings) is { Outcome: DisputeOutcome.Overturned };
    }

    /// <summary>The chunk whose logits a token was drawn from.</summary>
    private static ChunkClaim Drawing(StageWork work, int position)
    {
        var chunk = ChunkPlan.All(work.Job.Prompt.Count, work.Committer.Tokens).First(c => position <= c.Start + c.Tokens);
        return new ChunkClaim(chunk.Index, work.Committer.Chunks[chunk.Index].Output);
    }

    private DisputeVerdict Dispute(DrillNode challenger, StageWork work, IReadOnlyList<ChunkClaim> claims, IReadOnlyList<int>? drawn, Proof proof, List<Finding> findings)
    {
        var verdict = court.Play(challenger, work, claims, drawn, new Demands(roster, clock).Proves);
        if (verdict.Fault is { } fault)
            treasury.Slash(verdict.Loser!.Value, new Slash(verdict.EvidenceId!, fault, clock.GetUtcNow(), verdict.ChallengerRewarded ? challenger.Host : null, verdict.Reason));
        if (verdict.BondForfeited)
            treasury.ForfeitBond(DisputeId.Derive(work.Session, work.Stage, 0, challenger.Id).Value, DrillRules.ChallengeBond);
        if (verdict.Outcome == DisputeOutcome.Overturned)
            findings.Add(new Finding(proof, [verdict.Loser!.Value], verdict.Reason));
        else
            tally.Prove(Proof.LostDispute);
        return verdict;
    }

    /// <summary>Gives an auditor the same kind of task with an error that the platform put there; slashes whoever confirms what cannot come out.</summary>
    private bool Plant(StageWork work, IReadOnlyList<int> drawn, IReadOnlyList<int> chunks, DrillNode auditor, AuditMode mode)
    {
        if (auditing.Evidence(work, out byte[] inputs) is not { } claimed)
            return false;
        byte[] planted = auditing.Plant(work, inputs, chunks[0]);
        var report = auditing.Report(work, planted, claimed, drawn, chunks, auditor, mode);
        if (auditing.Compare(work, report, claimed).Kind is not (FindingKind.Same or FindingKind.Draws) || !auditing.Shows(work, planted, claimed, drawn, chunks, auditor, mode))
            return false;
        string audit = AuditId.Derive(work.Session, work.Stage, 0, 1).Value;
        treasury.Slash(auditor.Id, new Slash($"planted:{audit}", FaultKind.LazyAudit, clock.GetUtcNow(), null, "Confirmed an error that was planted."));
        tally.Prove(Proof.Planted);
        return true;
    }
}
