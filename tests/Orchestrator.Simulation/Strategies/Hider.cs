using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Leaves out what no fingerprint shows.</summary>
public sealed class Hider : Strategy
{
    public override string Name => "hides within fingerprints' limits";

    public override double Share => .04;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => true;

    public override bool Hides => true;
}
