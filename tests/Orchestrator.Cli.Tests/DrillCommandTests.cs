using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Tests;

public sealed class DrillCommandTests
{
    private static readonly string[] Small = ["drill", "--jobs", "6", "--cheats", "nobody,random-output", "--assurances", "redundant:2"];

    [Fact]
    public async Task A_small_drill_prints_what_was_caught_and_whether_the_books_close()
    {
        var run = await CommandLineRun.Of(Small);

        run.ExitCode.ShouldBe(0, run.Err + run.Out);
        foreach (string word in (string[])["random-output", "redundant:2", "12 jobs", "seed 1", "0 honest nodes slashed", "they close"])
            run.Out.ShouldContain(word);
        run.Err.ShouldContain("random-output at redundant:2");
    }

    [Fact]
    public async Task As_json_it_is_one_document()
    {
        var run = await CommandLineRun.Of([.. Small, "-o", "json"]);

        run.ExitCode.ShouldBe(0, run.Err + run.Out);
        var report = JsonNode.Parse(run.Out)!;
        ((bool)report["ok"]!).ShouldBeTrue();
        report["rows"]!.AsArray().Select(r => ($"{r!["cheat"]}", (int)r["jobs"]!)).ShouldBe([("nobody", 6), ("random-output", 6)]);
        ((int)report["rows"]![1]!["caught"]!).ShouldBePositive();
    }

    [Theory]
    [InlineData("--cheats", "charm", "random-output")]
    [InlineData("--assurances", "hope", "redundant:k")]
    public async Task An_unknown_name_is_answered_with_those_there_are(string option, string value, string known)
    {
        var run = await CommandLineRun.Of("drill", "--jobs", "1", option, value);

        run.ExitCode.ShouldBe(2);
        run.Out.ShouldBeEmpty();
        run.Err.TrimEnd().ShouldNotContain("\n");
        run.Err.ShouldContain(known);
    }
}
