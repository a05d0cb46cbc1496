using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli.Tests;

/// <summary>What <c>jobs trace</c> prints, from the trace of a real job: one chain of four worker processes, as <c>jobs trace -o json</c> wrote it.</summary>
public sealed class WaterfallTests
{
    private const int Columns = 80;

    private static JsonNode Recorded => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Traces", "recorded.json")))!;

    [Fact]
    public void Every_stage_has_its_times_and_every_pass_a_line_that_fits_a_terminal()
    {
        var trace = Recorded;
        var chain = trace["chains"]![0]!;

        string[] lines = Print(trace, most: 1000);

        lines[0].ShouldStartWith($"{trace["job"]}: ");
        for (int stage = 0; stage < 4; stage++)
        {
            string name = $"stage {stage} {$"{chain["nodes"]![stage]}"[..12]}";
            foreach (string part in new[] { "compute", "queue", "send" })
                lines.Count(l => l.StartsWith($"{name} {part} ", StringComparison.Ordinal)).ShouldBe(1, $"{name} {part}");
        }

        lines.ShouldContain($"slowest: {chain["slowest"]}");
        Passes(lines).Count.ShouldBe(chain["passes"]!.AsArray().Count);
        lines.ShouldAllBe(l => l.Length <= Columns);
    }

    [Fact]
    public void A_bar_is_as_long_as_its_pass_was_and_shows_the_stages_in_their_order()
    {
        var trace = Recorded;
        var passes = trace["chains"]![0]!["passes"]!.AsArray().Select(p => p!).ToList();

        var bars = Passes(Print(trace, most: 1000)).Select(Bar).ToList();

        bars[0].Length.ShouldBe(38, "the prompt");
        long longest = passes.Skip(1).Max(p => p["trip"]!.GetValue<long>());
        foreach (var (pass, bar) in passes.Zip(bars).Skip(1))
        {
            ((double)bar.Length).ShouldBe(38.0 * pass["trip"]!.GetValue<long>() / longest, tolerance: 1.0);
            string stages = string.Concat(bar.Where(char.IsAsciiDigit));
            stages.ShouldBe(string.Concat(stages.Order()));
        }

        bars.Skip(1).Max(b => b.Length).ShouldBe(38);
        bars[0].ShouldSatisfyAllConditions([.. "0123".Select(stage => (Action)(() => bars[0].ShouldContain(stage)))]);
    }

    [Fact]
    public void Only_so_many_passes_are_shown_and_the_rest_is_counted()
    {
        int all = Recorded["chains"]![0]!["passes"]!.AsArray().Count;

        string[] lines = Print(Recorded, most: 3);

        Passes(lines).Count.ShouldBe(3);
        lines.ShouldContain($"{all - 3} more: --passes {all}");
        Print(Recorded, most: 0).ShouldNotContain(l => l.StartsWith("POSITION", StringComparison.Ordinal));
    }

    [Fact]
    public void A_trace_without_chains_or_without_a_word_of_the_edge_says_so()
    {
        var waiting = Recorded;
        waiting["chains"] = new JsonArray();
        Print(waiting, most: 16)[2].ShouldBe("No nodes have been chosen for it yet: ask again once it runs.");

        var untold = Recorded;
        var chain = untold["chains"]![0]!;
        chain["missing"] = new JsonArray("abcdefgh keeps nothing of this session: it still runs, or it was long ago.");
        chain["passes"] = new JsonArray();

        string[] lines = Print(untold, most: 16);

        lines.ShouldContain("chain 0");
        lines.ShouldContain("abcdefgh keeps nothing of this session: it still runs, or it was long ago.");
        lines.ShouldContain("Its first node has told of no token, so there is nothing to show.");
        lines.ShouldNotContain(l => l.Contains("0 µs"));
    }

    [Fact]
    public void A_stage_that_told_nothing_has_no_times_rather_than_none()
    {
        var trace = Recorded;
        var chain = trace["chains"]![0]!;
        chain["missing"] = new JsonArray("abcdefgh does not answer.");
        foreach (var stages in new[] { chain["prompt"]!, chain["decode"]! }.Concat(chain["passes"]!.AsArray().Select(p => p!)).Select(n => n["stages"]!.AsArray()))
            stages.Remove(stages.Single(s => s!["stage"]!.GetValue<int>() == 2));

        string[] lines = Print(trace, most: 4);

        lines.ShouldContain("What these nodes did counts as network.");
        foreach (string line in lines.Where(l => l.StartsWith("stage 2 ", StringComparison.Ordinal)))
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^3..].ShouldBe(["-", "-", "-"], line);
        Passes(lines).Select(Bar).ShouldAllBe(b => !b.Contains('2'));
    }

    [Fact]
    public void A_repaired_chain_says_so_and_a_gap_between_tokens_is_seen()
    {
        var trace = Recorded;
        var chain = trace["chains"]![0]!;
        chain["attempt"] = 1L;
        chain["passes"]![3]!["edge"] = 1_234_000L;
        var other = chain["passes"]![2]!;
        other["choice"] = 1L;

        string[] lines = Print(trace, most: 8);

        lines.ShouldContain("chain 0, attempt 2: the one before failed");
        var shown = Passes(lines, "CHOICE:POS");
        shown[3].ShouldContain(" 1.23 s ");
        shown[2].ShouldStartWith($"1:{other["position"]} ");
        shown[0].ShouldStartWith($"0:{chain["passes"]![0]!["position"]} ");
        lines.ShouldAllBe(l => l.Length <= Columns);
    }

    [Fact]
    public void A_job_of_one_token_has_no_time_per_token()
    {
        var trace = Recorded;
        var chain = trace["chains"]![0]!;
        chain["decode"] = JsonNode.Parse("""{ "passes": 0, "trip": 0, "stages": [], "network": 0, "edge": 0 }""");

        foreach (string line in Print(trace, most: 1).Where(l => l.StartsWith("stage ", StringComparison.Ordinal) || l.StartsWith("network,", StringComparison.Ordinal)))
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2..].ShouldBe(["-", "-"], line);
    }

    private static string Bar(string line) => line[(line.LastIndexOf("  ", StringComparison.Ordinal) + 2)..];

    private static List<string> Passes(string[] lines, string header = "POSITION") =>
        [.. lines.SkipWhile(l => !l.StartsWith(header, StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.Length > 0 && !l.Contains("more:"))];

    private static string[] Print(JsonNode trace, int most)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 2 * Columns;
        Waterfall.Write(console, trace, most);
        return [.. text.ToString().Split(Environment.NewLine).Select(l => l.TrimEnd())];
    }
}
