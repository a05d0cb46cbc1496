using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>A job's trace for people: what took the time, and a line for each token.</summary>
public static class Waterfall
{
    private const string Nothing = "-";

    /// <summary>Prints a trace as the API shows it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="most">Passes shown of each chain.</param>
    public static void Write(IAnsiConsole console, JsonNode trace, int most)
    {
        console.WriteLine($"{trace["job"]}: {Time(Number(trace, "total_us"))} to its last change");
        console.WriteLine($"{trace["source"]}");
        var chains = trace["chains"]!.AsArray();
        if (chains.Count == 0)
            console.WriteLine("No nodes have been chosen for it yet: ask again once it runs.");
        foreach (var chain in chains.Select(c => c!))
            WriteChain(console, chain, most);
    }

    /// <summary>A duration in the unit that suits it.</summary>
    internal static string Time(long microseconds) => microseconds switch
    {
        < 1_000 => $"{microseconds} µs",
        < 1_000_000 => $"{microseconds / 1000.0:F1} ms",
        _ => $"{microseconds / 1_000_000.0:F2} s",
    };

    internal static long Number(JsonNode? node, string name) => node?[name]?.GetValue<long>() ?? 0;

    private static void WriteChain(IAnsiConsole console, JsonNode chain, int most)
    {
        var passes = chain["passes"]!.AsArray();
        string attempt = Number(chain, "attempt") is > 0 and var again ? $", attempt {again + 1}: {(again == 1 ? "the one before" : $"{again} before it")} failed" : "";
        console.WriteLine();
        console.MarkupLine($"[bold]chain {chain["chain"]}[/]{attempt}");
        foreach (var missing in chain["missing"]!.AsArray())
            console.MarkupLine($"[yellow]{Markup.Escape($"{missing}")}[/]");
        if (passes.Count == 0)
        {
            console.WriteLine("Its first node has told of no token, so there is nothing to show.");
            return;
        }

        if (chain["missing"]!.AsArray().Count > 0)
            console.WriteLine("What these nodes did counts as network.");
        console.WriteLine($"open {Time(Number(chain, "open"))}, first token {Time(Number(chain, "first_token"))} later, last token {Time(Number(chain, "total"))} after the start");
        console.WriteLine($"planning, comparing and settling {Time(Number(chain, "around"))}");
        WriteSums(console, chain);
        if (chain["slowest"] is { } slowest)
            console.MarkupLine($"[bold]slowest:[/] {Markup.Escape($"{slowest}")}");
        PassTable.Write(console, passes, most);
    }

    private static void WriteSums(IAnsiConsole console, JsonNode chain)
    {
        var nodes = chain["nodes"]!.AsArray();
        var (prompt, decode) = (chain["prompt"]!, chain["decode"]!);
        long passes = Number(decode, "passes");
        double whole = Math.Max(1, Number(decode, "trip") + Number(decode, "edge"));
        var table = new Table().Border(TableBorder.None).AddColumns("", "PROMPT", "PER TOKEN", "OF A TOKEN");
        void Row(string what, JsonNode? before, JsonNode? after, string part) => table.AddRow(
            Markup.Escape(what),
            before is null ? Nothing : Time(Number(before, part)),
            after is null || passes == 0 ? Nothing : Time(Number(after, part) / passes),
            after is null || passes == 0 ? Nothing : $"{Number(after, part) / whole:P0}");
        for (int stage = 0; stage < nodes.Count; stage++)
        {
            foreach (string part in (string[])["compute", "queue", "send"])
                Row($"stage {stage} {JobDetails.Short(nodes[stage])} {part}", Stage(prompt, stage), Stage(decode, stage), part);
        }

        Row($"network, {nodes.Count} hops", prompt, decode, "network");
        Row("edge, between tokens", prompt, decode, "edge");
        console.Write(table);
    }

    private static JsonNode? Stage(JsonNode sums, int stage) => sums["stages"]!.AsArray().FirstOrDefault(s => Number(s, "stage") == stage);
}
