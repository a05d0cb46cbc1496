using Orchestrator.Simulation.Report;

namespace Orchestrator.Simulation.Tests;

/// <summary>Small runs of the whole network. What they show at full size is in infra/docs/economics.md.</summary>
public sealed class SimulationTests
{
    private static readonly Lazy<Outcome> Published = new(() => Outcome.Of(new Scenario(800, 24_000, Seed: 1, BondFactor: 1, Known: true)));

    private static readonly Lazy<Outcome> Quarter = new(() => Outcome.Of(new Scenario(800, 24_000, Seed: 1, BondFactor: .25, Known: true)));

    [Fact]
    public void At_the_published_bond_no_deviation_pays() => Published.Value.Profitable.Select(r => r.Strategy).ShouldBeEmpty();

    /// <summary>The test above can fail: the same cheats at a quarter of the bond earn more than honesty.</summary>
    [Fact]
    public void Well_below_it_cheating_pays()
    {
        string[] paying = [.. Quarter.Value.Profitable.Select(r => r.Strategy)];

        paying.ShouldContain("always cheats");
        paying.ShouldContain("cheats on 1 job in 10");
        paying.ShouldContain("cheats and accuses itself");
        paying.ShouldContain("sybil: returns with new keys");
    }

    [Fact]
    public void Cheaters_are_caught_and_nobody_is_slashed_for_what_it_has_not_done()
    {
        var outcome = Published.Value;

        outcome.FalseSlashes.ShouldBe(0);
        outcome.Rows.Single(r => r.Strategy == "honest").ShouldSatisfyAllConditions(r => r.Slashes.ShouldBe(0), r => r.Slashed.ShouldBe(0), r => r.Gain.ShouldBe(0, .01));
        foreach (string cheat in new[] { "always cheats", "colludes as auditor", "cheats and withholds", "cheats, then unbonds" })
            outcome.Rows.Single(r => r.Strategy == cheat).Slashes.ShouldBeGreaterThan(0, cheat);
        outcome.Rows.Single(r => r.Strategy == "lazy auditor").Slashes.ShouldBeGreaterThan(0);
        outcome.Rows.Single(r => r.Strategy == "accuses honest nodes").ShouldSatisfyAllConditions(r => r.Slashes.ShouldBeGreaterThan(0), r => r.Loses.ShouldBeTrue());
        outcome.Rows.Single(r => r.Strategy == "challenger spam").ShouldSatisfyAllConditions(r => r.Slashes.ShouldBe(0), r => r.Pays.ShouldBeFalse());
        outcome.Rows.Single(r => r.Strategy == "hides within fingerprints' limits").ShouldSatisfyAllConditions(r => r.Slashes.ShouldBeGreaterThan(0), r => r.Pays.ShouldBeFalse());
    }

    [Fact]
    public void Nothing_is_paid_out_before_its_time() => Published.Value.EarlyPayouts.ShouldBe(0);

    [Fact]
    public void The_same_seed_gives_the_same_transcript_and_another_does_not()
    {
        var small = new Scenario(200, 2_000, Seed: 7, BondFactor: 1);

        Outcome.Of(small).Transcript.ShouldBe(Outcome.Of(small).Transcript);
        Outcome.Of(small with { Seed = 8 }).Transcript.ShouldNotBe(Outcome.Of(small).Transcript);
    }
}
