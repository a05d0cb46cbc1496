using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Who ran whose stages again so that chains of different classes could agree, and what that earns. Pure.</summary>
internal static class Comparing
{
    /// <summary>Every agreed chain that another's nodes ran again, with that other. Chains whose nodes are of the same classes were compared bit by bit.</summary>
    public static IEnumerable<(DispatchedChain Chain, DispatchedChain By)> Runs(IReadOnlyList<DispatchedChain> agreed) =>
        from chain in agreed
        from other in agreed
        where chain.Stages.Zip(other.Stages).Any(pair => pair.First.Class != pair.Second.Class)
        select (chain, other);

    /// <summary>
    /// The stages run again that are paid: by nodes of agreed chains, whatever they found, and by others that found an agreed chain right, which takes the work. A finding that the
    /// agreement contradicts, or that did not come, is worth nothing, nor is any of a node that was proven to have cheated.
    /// </summary>
    public static IReadOnlyList<StageWork> Work(JobSpec spec, IReadOnlyList<DispatchedChain> agreed, Comparisons made, long tokens)
    {
        var sessions = agreed.Select(c => c.Session).ToHashSet();
        var runs = spec.PaysAllComparisons ? made.Runs.Where(IsPaid).Select(r => (r.Chain, r.By)) : Runs(agreed);
        return
        [
            .. from run in runs
               from work in run.By.Stages.Select((s, stage) => new StageWork(run.Chain.Chain, stage, s.Node, s.Host, s.Layers.Count, tokens))
               where !spec.PaysAllComparisons || !made.Guilty.Contains(work.Node)
               select work,
        ];

        bool IsPaid(ComparisonRun run) => sessions.Contains(run.By.Session)
            ? run.Verdict != CheckVerdict.NotDone
            : run.Verdict == CheckVerdict.Passed && sessions.Contains(run.Chain.Session);
    }

    /// <summary>Splits what pays comparisons as a charge is split: over the nodes that ran stages again, by layers and tokens.</summary>
    public static IReadOnlyList<Payout> Payouts(JobSpec spec, long amount, IReadOnlyList<StageWork> work) =>
        [.. RewardSplit.Split(spec.Job, amount, spec.Quote.Prices, work, ActorNames.ProtocolAccount).Payouts.Select(p => p with { EventId = $"compared:{p.EventId}" })];
}

/// <summary>Chains of one job that were run again.</summary>
internal sealed class Comparisons
{
    /// <summary>In the order in which they ended, those with chains that were given up since included.</summary>
    public List<ComparisonRun> Runs { get; } = [];

    /// <summary>Nodes that were proven to have cheated before the chains agreed.</summary>
    public HashSet<NodeId> Guilty { get; } = [];
}

/// <summary>One chain that was run again by another's nodes.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="By">Whose nodes ran it.</param>
/// <param name="Verdict">What came of it over all choices; not done as soon as a stage's report is missing.</param>
internal sealed record ComparisonRun(DispatchedChain Chain, DispatchedChain By, CheckVerdict Verdict);
