namespace Orchestrator.Simulation.Strategies;

/// <summary>Computes everything.</summary>
public sealed class Honest : Strategy
{
    public override string Name => "honest";

    public override double Share => .55;
}
