using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Honest until it is trusted.</summary>
public sealed class Farmer : Strategy
{
    public override string Name => "farms reputation, then cheats";

    public override double Share => .04;

    private const int Harvest = 60;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => node.Runs > Harvest;
}
