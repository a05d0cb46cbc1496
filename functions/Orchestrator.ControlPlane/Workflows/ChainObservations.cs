using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Core.Reputation;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// What a job's chains showed of their nodes. Chains that agree are right; a stage whose own commitments put it in the wrong is wrong; an edge that fell silent, and both ends
/// of a failure that only the edge reports, were absent: who reports falsely pays as much as whom it smears. Blame without proof counts for nothing.
/// An absence counts once in five minutes, however many jobs meet it: one outage under load must not bar a node for hours.
/// </summary>
internal sealed class ChainObservations
{
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(NodeId Node, string Event), Observation> seen = [];

    /// <summary>Counts an attempt that is given up.</summary>
    public void GivenUp(ChainSlot slot, IReadOnlyList<ChainFault> faults, DateTimeOffset at)
    {
        foreach (var fault in faults)
        {
            var stages = slot.Chain.Stages;
            switch (fault.Kind)
            {
                case ChainFaultKind.Silent:
                    Add(slot, slot.Chain.Edge.Node, ObservationKind.Absent, at);
                    break;
                case ChainFaultKind.Reported when slot.Result?.Opened.Result.Failure is { Code: FailureCodes.Unreachable or FailureCodes.Expired or FailureCodes.Internal }:
                    Add(slot, slot.Chain.Edge.Node, ObservationKind.Absent, at);
                    if (fault.Stage is { } stage && stage < stages.Count)
                        Add(slot, stages[stage].Node, ObservationKind.Absent, at);
                    break;
            }
        }
    }

    /// <summary>Counts what the agreement shows.</summary>
    public void Agreed(IReadOnlyList<ChainSlot> slots, ReconciliationResult verdict, DateTimeOffset at)
    {
        foreach (var slot in slots.Where(s => verdict.Agreed.Contains(s.Chain.Chain)))
        {
            foreach (var node in slot.Chain.Stages.Select(s => s.Node).Distinct())
            {
                Add(slot, node, ObservationKind.Present, at);
                if (verdict.Agreed.Count > 1)
                    Add(slot, node, ObservationKind.Right, at);
            }
        }

        foreach (var blamed in verdict.Blames.Where(b => b.Blame is { Provable: true, Stage: not null }))
        {
            if (slots.FirstOrDefault(s => s.Chain.Chain == blamed.Chain) is { } slot)
                Add(slot, slot.Chain.Stages[blamed.Blame.Stage!.Value].Node, ObservationKind.Wrong, at);
        }
    }

    /// <summary>Everything counted, by node.</summary>
    public IReadOnlyList<NodeObservations> Take() =>
        [.. seen.GroupBy(s => s.Key.Node).OrderBy(g => g.Key.Value, StringComparer.Ordinal).Select(g => new NodeObservations(g.Key, [.. g.Select(s => s.Value)]))];

    private void Add(ChainSlot slot, NodeId node, ObservationKind kind, DateTimeOffset at)
    {
        string id = kind == ObservationKind.Absent ? $"absent:{at.UtcTicks / Outage.Ticks}" : $"{kind.ToString().ToLowerInvariant()}:{slot.Chain.Session}";
        seen.TryAdd((node, id), new Observation(id, kind, at));
    }
}
