using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Computes nothing, ever.</summary>
public sealed class AlwaysCheat : Strategy
{
    public override string Name => "always cheats";

    public override double Share => .04;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => true;
}
