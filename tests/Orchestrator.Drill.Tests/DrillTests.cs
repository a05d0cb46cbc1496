using Orchestrator.Core.Assurance;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Reports;

namespace Orchestrator.Drill.Tests;

/// <summary>Small drills of every cheat. The large ones, whose rates mean something, are run by the command.</summary>
public sealed class DrillTests
{
    public static TheoryData<string> Cheats => [.. AllCheats.Make().Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cheats))]
    public async Task A_cheat_is_caught_its_nodes_are_slashed_once_and_no_honest_node_is(string cheat)
    {
        // Only one audit in twenty is planted, and a stale cache is only used for prompts it is long enough for.
        var report = await RunAsync(cheat, jobs: cheat switch { AllCheats.LazyAuditor => 300, "stale-cache" => 80, _ => 24 });

        report.Rows.ShouldNotBeEmpty();
        foreach (var row in report.Rows)
        {
            row.Problems.ShouldBeEmpty($"{row.Cheat} at {row.Assurance}");
            row.HonestSlashed.ShouldBe(0);
            row.SlashedTwice.ShouldBe(0);
            (row.Right + row.WrongFinals + row.Refunded).ShouldBe(row.Jobs);
        }

        if (cheat != AllCheats.Nobody)
            report.Rows.Sum(r => r.Caught).ShouldBePositive();
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_report()
    {
        var first = await RunAsync("random-output", 12);
        var second = await RunAsync("random-output", 12);

        System.Text.Json.JsonSerializer.Serialize(second).ShouldBe(System.Text.Json.JsonSerializer.Serialize(first));
    }

    [Fact]
    public async Task An_unknown_cheat_is_refused_by_name() =>
        (await Should.ThrowAsync<ArgumentException>(() => RunAsync("charm", 1))).Message.ShouldContain("There is no cheat 'charm'");

    internal static Task<DrillReport> RunAsync(string cheat, int jobs, params AssuranceLevel[] levels)
    {
        var options = new DrillOptions { ModelPath = Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat", "model.onnx"), Jobs = jobs, Cheats = [cheat], Parallel = 1 };
        return new DrillRun(levels.Length == 0 ? options : options with { Assurances = levels }).RunAsync(TestContext.Current.CancellationToken);
    }
}
