namespace Orchestrator.Simulation.Strategies;

/// <summary>Everyone in the network.</summary>
public static class AllStrategies
{
    /// <summary>The first is honest and takes what the others leave.</summary>
    public static IReadOnlyList<Strategy> List { get; } =
    [
        new Honest(),
        new AlwaysCheat(),
        new SometimesCheat(),
        new ThinStakeCheat(),
        new LargeJobCheat(),
        new ExitCheat(),
        new Farmer(),
        new Hider(),
        new Colluder(),
        new Sybil(),
        new Withholder(),
        new SelfAccuser(),
        new Slanderer(),
        new Spammer(),
        new LazyAuditor(),
    ];
}
