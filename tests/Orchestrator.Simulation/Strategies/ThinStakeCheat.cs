using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Cheats when much is open, so that one bond has to answer for many jobs.</summary>
public sealed class ThinStakeCheat : Strategy
{
    public override string Name => "cheats when stake is thin";

    public override double Share => .04;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => node.OpenReward > Scenario.OpenLimit / 4;
}
