using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Cheats, and would rather be silent than proven wrong; leaves jail, tops up and goes on.</summary>
public sealed class Withholder : Strategy
{
    public override string Name => "cheats and withholds";

    public override double Share => .03;

    public override bool Withholds => true;

    public override int Rebirths => 3;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => true;
}
