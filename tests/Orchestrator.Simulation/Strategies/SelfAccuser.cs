using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Cheats, and collects the reporter's part of its own slash.</summary>
public sealed class SelfAccuser : Strategy
{
    public override string Name => "cheats and accuses itself";

    public override double Share => .03;

    public override bool AccusesItself => true;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => true;
}
