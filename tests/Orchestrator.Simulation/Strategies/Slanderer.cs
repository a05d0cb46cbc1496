using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Computes honestly, and as an auditor calls right receipts wrong.</summary>
public sealed class Slanderer : Strategy
{
    public override string Name => "accuses honest nodes";

    public override double Share => .02;

    public override bool Reports(Node audited, bool wrong, Rng rng) => wrong || rng.Chance(.2);
}
