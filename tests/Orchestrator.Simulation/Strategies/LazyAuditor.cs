using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Computes honestly, and as an auditor says that all is well without looking.</summary>
public sealed class LazyAuditor : Strategy
{
    public override string Name => "lazy auditor";

    public override double Share => .03;

    public override bool ComputesAudits => false;

    public override bool Reports(Node audited, bool wrong, Rng rng) => false;
}
