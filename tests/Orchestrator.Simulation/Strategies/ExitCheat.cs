using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>Honest until it leaves; cheats on all it can take before it asks for its stake back.</summary>
public sealed class ExitCheat : Strategy
{
    public override string Name => "cheats, then unbonds";

    public override double Share => .04;

    private static readonly TimeSpan Spree = Scenario.Window;

    public override bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => node.ExitAt - now <= Spree;

    public override DateTimeOffset? Exit(DateTimeOffset start, TimeSpan duration, Rng rng) => start + duration * (.3 + .6 * rng.Uniform());
}
