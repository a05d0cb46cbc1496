using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Cheats, and bonds a new key whenever one is barred.</summary>
public sealed class Sybil : Strategy
{
    public override string Name => "sybil: returns with new keys";

    public override double Share => .03;

    public override int Rebirths => 3;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => true;
}
