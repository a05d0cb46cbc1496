using Orchestrator.Core.Assurance;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Drill.Platform;
using Orchestrator.Drill.Reports;
using Orchestrator.TestKit;

namespace Orchestrator.Drill.Tests;

/// <summary>A drill that cannot fail shows nothing: here it is made to.</summary>
public sealed class VerdictsTests
{
    private static readonly ScenarioReport Good = new("x", "", "sampled", 1000, 500, 100, .2, .167, .237, .2, 600, 400, 0, 100, 0, 0, 0, new Dictionary<string, int>(), 1_000, 0, []);

    [Fact]
    public void A_report_as_predicted_has_no_problems() => Verdicts.Problems(Good).ShouldBeEmpty();

    [Fact]
    public void Slashing_an_honest_node_fails() => Verdicts.Problems(Good with { HonestSlashed = 1 }).ShouldHaveSingleItem().ShouldContain("honest");

    [Fact]
    public void Slashing_somebody_twice_fails() => Verdicts.Problems(Good with { SlashedTwice = 1 }).ShouldHaveSingleItem().ShouldContain("had been slashed");

    [Fact]
    public void Books_that_do_not_close_fail() => Verdicts.Problems(Good with { Difference = -1 }).ShouldHaveSingleItem().ShouldContain("do not close");

    [Fact]
    public void Catching_less_than_predicted_fails() => Verdicts.Problems(Good with { Caught = 50 }).ShouldHaveSingleItem().ShouldContain("predicted");

    [Fact]
    public void More_wrong_finals_than_may_be_missed_fail() => Verdicts.Problems(Good with { WrongFinals = 470 }).ShouldHaveSingleItem().ShouldContain("wrong answers");

    [Fact]
    public async Task A_node_that_counts_as_honest_and_cheats_is_reported_as_an_honest_node_that_was_slashed()
    {
        using var folder = new TempFolder();
        var cancel = TestContext.Current.CancellationToken;
        var options = new DrillOptions { ModelPath = Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat", "model.onnx"), Jobs = 6 };
        var model = await DrillModel.CutAsync(options.ModelPath, options.Stages, folder.Path, cancel);
        using var engines = new Engines(model);
        var nobody = AllCheats.Make().First(c => c.Name == AllCheats.Nobody);
        var seats = Seating.Of(options, nobody).ToList();
        seats[0] = seats[0] with { Conduct = () => new RandomOutput(1) };

        var honest = new Scenario(options, nobody, AssuranceLevel.Redundant(2), engines, new Truths()).Run(cancel);
        var sabotaged = new Scenario(options, nobody, AssuranceLevel.Redundant(2), engines, new Truths(), seats).Run(cancel);

        honest.Problems.ShouldBeEmpty();
        sabotaged.HonestSlashed.ShouldBePositive();
        sabotaged.Problems.ShouldContain(p => p.Contains("honest nodes were slashed"));
    }
}
