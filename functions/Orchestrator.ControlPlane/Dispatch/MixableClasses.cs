using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Dispatch;

/// <summary>Which classes' outputs of a model may be compared within tolerance: every boundary has a fingerprint, and its limits were calibrated for both.</summary>
internal static class MixableClasses
{
    /// <summary>The classes among nodes; none when a stage of the model has outputs that cannot be compared so.</summary>
    public static IReadOnlySet<ExecutionClass> Of(ModelManifest manifest, IEnumerable<NodeState> nodes)
    {
        if (manifest.Stages.Any(s => BatchedAudits.Problem(s) is not null))
            return new HashSet<ExecutionClass>();
        var formats = manifest.Stages.Select(s => FingerprintBuilder.TypeOf(s)!).Distinct().ToList();
        return nodes.Select(n => n.Record.Capability.Class).Distinct().Where(c => formats.All(f => FingerprintThresholds.Calibrated(c, c, f))).ToHashSet();
    }
}
