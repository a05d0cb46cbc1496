using Orchestrator.Actors;
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

    /// <summary>Splits what pays comparisons as a charge is split: over the nodes that ran stages again, by layers and tokens.</summary>
    public static IReadOnlyList<Payout> Payouts(JobSpec spec, long amount, IReadOnlyList<DispatchedChain> agreed, long tokens)
    {
        var work = Runs(agreed).SelectMany(run => run.By.Stages.Select((s, stage) => new StageWork(run.Chain.Chain, stage, s.Node, s.Host, s.Layers.Count, tokens)));
        return [.. RewardSplit.Split(spec.Job, amount, spec.Quote.Prices, [.. work], ActorNames.ProtocolAccount).Payouts.Select(p => p with { EventId = $"compared:{p.EventId}" })];
    }
}
