using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Hopes to be overlooked.</summary>
public sealed class SometimesCheat : Strategy
{
    public override string Name => "cheats on 1 job in 10";

    public override double Share => .04;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => rng.Chance(.1);
}
