using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>Sorts nodes into those that may serve a stage and the reasons why others may not.</summary>
internal sealed class Candidates
{
    private readonly ChainRequest request;
    private readonly Exclusions[] exclusions;
    private readonly IReadOnlySet<ExecutionClass>? admitted;

    public Candidates(ChainRequest request, IReadOnlySet<ExecutionClass>? only)
    {
        this.request = request;
        int stages = request.Manifest.Stages.Count;
        exclusions = new Exclusions[stages];
        admitted = request.Admission.Admitted(request.Nodes, request.Liveness, request.Standing, request.Now);
        ByStage = new List<NodeState>[stages];
        for (int stage = 0; stage < stages; stage++)
            ByStage[stage] = [.. request.Nodes.Where(n => only?.Contains(n.Record.Capability.Class) != false && MayServe(n, stage))];
    }

    /// <summary>Fit nodes of each stage.</summary>
    public List<NodeState>[] ByStage { get; }

    /// <summary>The first stage without a candidate, as a failure; null when every stage has one.</summary>
    public ChainPlan.Impossible? Missing()
    {
        int stage = Array.FindIndex(ByStage, s => s.Count == 0);
        if (stage < 0)
            return null;
        var why = exclusions[stage];
        var reason = why.Busy > 0 ? ChainPlanFailure.StageFull : why.Dear > 0 ? ChainPlanFailure.StageTooDear : ChainPlanFailure.StageMissing;
        return new(reason, stage, $"No node can take stage {stage} {request.Manifest.Stages[stage].Layers} of {request.Manifest.Name}: {why}.");
    }

    private bool MayServe(NodeState node, int stage)
    {
        ref var why = ref exclusions[stage];
        switch (node.ShardOf(request.ManifestDigest, stage))
        {
            case null:
                return false;
            case ShardState.Loading:
                why.Loading++;
                return false;
            case ShardState.Failed:
                why.Failed++;
                return false;
        }

        if (request.Liveness.IsStale(node, request.Now))
            why.Stale++;
        else if (!request.Reach.Admits(node, request.Now))
            why.Unreached++;
        else if (request.LostNodes.Contains(node.Record.Node))
            why.Lost++;
        else if (request.ExcludedNodes.Contains(node.Record.Node) || request.ExcludedHosts.Contains(node.Record.Host))
            why.Excluded++;
        else if (request.Standing.Bars(node.Standing, request.Now) is { } bar)
            why.Count(bar);
        else if (admitted?.Contains(node.Record.Capability.Class) == false)
            why.Unjudged++;
        else if (!request.Doors.Admits(node, request.Now))
            why.Unproven++;
        else if (node.Heartbeat!.Draining || node.Heartbeat.ActiveSessions >= node.Record.Capability.MaxSessions)
            why.Busy++;
        else if (node.Record.PricePerLayerToken > request.MaxPricePerLayerToken)
            why.Dear++;
        else if (request.Class is { } wanted && node.Record.Capability.Class != wanted)
            why.OtherClass++;
        else
            return true;
        return false;
    }

    private struct Exclusions
    {
        public int Loading, Failed, Stale, Unreached, Lost, Excluded, Busy, Dear, OtherClass, Unjudged, Unproven, Jailed, Unstaked, Distrusted;

        public override readonly string ToString() => Loading + Failed + Stale + Unreached + Lost + Excluded + Busy + Dear + OtherClass + Unjudged + Unproven + Jailed + Unstaked + Distrusted == 0
            ? "none holds it"
            : string.Join(", ", Parts());

        public void Count(Bar bar) => _ = bar switch
        {
            Bar.Jail => Jailed++,
            Bar.Stake => Unstaked++,
            _ => Distrusted++,
        };

        private readonly IEnumerable<string> Parts()
        {
            if (Loading > 0)
                yield return $"{Loading} still loading";
            if (Failed > 0)
                yield return $"{Failed} failed to load it";
            if (Stale > 0)
                yield return $"{Stale} silent";
            if (Unreached > 0)
                yield return $"{Unreached} that the platform does not reach";
            if (Lost > 0)
                yield return $"{Lost} failed and not heard since";
            if (Excluded > 0)
                yield return $"{Excluded} excluded";
            if (Busy > 0)
                yield return $"{Busy} full or draining";
            if (Dear > 0)
                yield return $"{Dear} too dear";
            if (OtherClass > 0)
                yield return $"{OtherClass} of another execution class";
            if (Unjudged > 0)
                yield return $"{Unjudged} of an execution class that no referee and too few hosts have";
            if (Unproven > 0)
                yield return $"{Unproven} that have not shown that they can answer demands of evidence";
            if (Jailed > 0)
                yield return $"{Jailed} jailed";
            if (Unstaked > 0)
                yield return $"{Unstaked} with too small a bond";
            if (Distrusted > 0)
                yield return $"{Distrusted} below the reputation that work takes";
        }
    }
}
