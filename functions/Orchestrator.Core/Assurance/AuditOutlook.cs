using Orchestrator.Contracts;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Assurance;

/// <summary>What can be said of a job's audits before it is planned: any of the nodes that may serve it now may get it.</summary>
/// <param name="Least">Least audit rate of any of these nodes, 0 to 1; one that nobody could audit counts as 0.</param>
/// <param name="Mean">Audit rate on average, stages weighted by their layers: what audits cost.</param>
/// <param name="Drawn">Probability that any stage of the job is drawn, on average.</param>
/// <param name="Auditors">Fewest auditors that any of these nodes has: nodes on other hosts that could run its stage again, and one more where a referee has its class.</param>
public sealed record AuditOutlook(double Least, double Mean, double Drawn, int Auditors)
{
    /// <summary>All nodes are audited at one rate, and auditors are there.</summary>
    public static AuditOutlook At(double rate) => new(rate, rate, rate, 1);

    /// <summary>Looks at the nodes that could serve a job now.</summary>
    /// <param name="request">The job as it would be planned.</param>
    /// <param name="batched">Of each stage, whether nodes of other classes can audit it by fingerprint.</param>
    /// <param name="policy">What audits assume.</param>
    /// <param name="price">Micro-credits that all stages of a chain are paid together.</param>
    /// <param name="openOf">Micro-credits that a node stands to be paid for other jobs that may still be challenged.</param>
    /// <param name="slashShare"><see cref="Stake.SlashSchedule.Deterring"/>.</param>
    public static AuditOutlook Of(ChainRequest request, IReadOnlyList<bool> batched, AuditPolicy policy, long price, Func<NodeId, long> openOf, double slashShare)
    {
        var candidates = new Candidates(request, only: null);
        if (candidates.Missing() is not null)
            return new(0, policy.Floor, policy.Floor, 0);
        double least = 1, mean = 0, missed = 1;
        int fewest = int.MaxValue, layers = request.Manifest.LayerCount;
        for (int stage = 0; stage < candidates.ByStage.Length; stage++)
        {
            double share = (double)request.Manifest.Stages[stage].Layers.Count / layers, sum = 0;
            var able = request.Nodes.Where(n => CanAudit(n, request, stage)).ToList();
            foreach (var node in candidates.ByStage[stage])
            {
                double rate = Rate(node, (long)(price * share));
                int auditors = able.Count(a => a.Record.Host != node.Record.Host && (batched[stage] || a.Record.Capability.Class == node.Record.Capability.Class))
                    + (request.Admission.Judged.Contains(node.Record.Capability.Class) ? 1 : 0);
                (sum, fewest, least) = (sum + rate, Math.Min(fewest, auditors), Math.Min(least, auditors > 0 ? rate : 0));
            }

            double average = sum / candidates.ByStage[stage].Count;
            (mean, missed) = (mean + average * share, missed * (1 - average));
        }

        return new(least, mean, 1 - missed, fewest);

        double Rate(NodeState node, long reward)
        {
            var correctness = node.Standing?.Correctness ?? BetaReputation.Newcomer(request.Standing.Reputation.Correctness, request.Now);
            return AuditRate.For(
                policy, reward, openOf(node.Record.Node) + reward, node.Standing?.Bonded ?? 0, slashShare, correctness.Standing(request.Standing.Reputation.Correctness, request.Now)).Rate;
        }
    }

    private static bool CanAudit(NodeState node, ChainRequest request, int stage) =>
        node.Heartbeat is { Draining: false } && !request.Liveness.IsStale(node, request.Now) && node.ShardOf(request.ManifestDigest, stage) == ShardState.Ready
        && request.Standing.Bars(node.Standing, request.Now) is null;
}
