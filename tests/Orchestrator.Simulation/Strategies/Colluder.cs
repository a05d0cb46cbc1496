using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>A ring that cheats, and covers for each other when drawn as auditors.</summary>
public sealed class Colluder : Strategy
{
    public override string Name => "colludes as auditor";

    public override double Share => .05;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => true;

    public override bool Reports(Node audited, bool wrong, Rng rng) => wrong && audited.Owner.Strategy is not Colluder;
}
