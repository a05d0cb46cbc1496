using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Runs its own jobs well, and as auditor computes nothing: it has the audited node tell it what it claimed, and confirms that.</summary>
public sealed class LazyAuditor : Conduct
{
    /// <inheritdoc />
    public override bool Covers(DrillNode audited) => true;
}
