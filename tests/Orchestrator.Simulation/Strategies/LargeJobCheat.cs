using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Cheats where a single job saves most.</summary>
public sealed class LargeJobCheat : Strategy
{
    public override string Name => "cheats on large jobs only";

    public override double Share => .04;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => reward >= Scenario.Reward(Scenario.Tokens[2]);
}
