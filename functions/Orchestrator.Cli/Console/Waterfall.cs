using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>A job's trace for people: what took the time, and a line for each token.</summary>
public static class Waterfall
{
    private const int Width = 48;

    /// <summary>Prints a trace as the API shows it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="most">Passes shown of each chain.</param>
    public static void Write(IAnsiConsole console, JsonNode trace, int most)
    {
        console.WriteLine($"{trace["job"]}: {Time(Number(trace, "total_us"))} from acceptance to its last change; {trace["source"]}");
        foreach (var chain in trace["chains"]!.AsArray().Select(c => c!))
            WriteChain(console, chain, most);
    }

    private static void WriteChain(IAnsiConsole console, JsonNode chain, int most)
    {
        console.WriteLine();
        console.MarkupLine($"[bold]chain {chain["chain"]}[/]{(Number(chain, "attempt") > 0 ? $", attempt {chain["attempt"]}" : "")}: open {Time(Number(chain, "open"))}, "
            + $"first token {Time(Number(chain, "first_token"))} later, last token {Time(Number(chain, "total"))} after the start; planning, comparing and settling {Time(Number(chain, "around"))}");
        foreach (var missing in chain["missing"]!.AsArray())
            console.MarkupLine($"[yellow]{Markup.Escape($"{missing}")}[/]");
        var nodes = chain["nodes"]!.AsArray();
        var table = new Table().Border(TableBorder.None).AddColumns("", "PROMPT", "PER TOKEN", "OF A TOKEN");
        var (prompt, decode) = (chain["prompt"]!, chain["decode"]!);
        long passes = Math.Max(1, Number(decode, "passes"));
        double whole = Math.Max(1, Number(decode, "trip") + Number(decode, "edge"));
        void Row(string what, long inPrompt, long inDecode) => table.AddRow(Markup.Escape(what), Time(inPrompt), Time(inDecode / passes), $"{inDecode / whole:P0}");
        for (int stage = 0; stage < nodes.Count; stage++)
        {
            var (before, after) = (Stage(prompt, stage), Stage(decode, stage));
            string name = $"stage {stage} {JobDetails.Short(nodes[stage])}";
            Row($"{name} compute", Number(before, "compute"), Number(after, "compute"));
            Row($"{name} queue", Number(before, "queue"), Number(after, "queue"));
            Row($"{name} send", Number(before, "send"), Number(after, "send"));
        }

        Row($"network, {nodes.Count} hops", Number(prompt, "network"), Number(decode, "network"));
        Row("edge, between tokens", Number(prompt, "edge"), Number(decode, "edge"));
        console.Write(table);
        if (chain["slowest"] is { } slowest)
            console.MarkupLine($"[bold]slowest:[/] {Markup.Escape($"{slowest}")}");
        WritePasses(console, chain["passes"]!.AsArray(), most);
    }

    private static void WritePasses(IAnsiConsole console, JsonArray passes, int most)
    {
        if (passes.Count == 0 || most == 0)
            return;
        console.WriteLine();
        console.WriteLine("POSITION         AT       TOOK  of which  (digit: that stage computes, q: waits for its turn, s: sends; -: network)");
        foreach (var pass in passes.Take(most).Select(p => p!))
            console.WriteLine($"{pass["position"],8} {Time(Number(pass, "at")),10} {Time(Number(pass, "trip")),10}  {Bar(pass)}");
        if (passes.Count > most)
            console.WriteLine($"{passes.Count - most} more: --passes {passes.Count}");
    }

    /// <summary>One pass as a bar: its parts one after the other, the network's share before, between and after the stages.</summary>
    private static string Bar(JsonNode pass)
    {
        double whole = Math.Max(1, Number(pass, "trip"));
        var stages = pass["stages"]!.AsArray();
        double hop = Number(pass, "network") / (double)(stages.Count + 1);
        var bar = new StringBuilder();
        double end = 0;
        void Part(char sign, double microseconds)
        {
            end += microseconds;
            int until = (int)Math.Min(Width, Math.Round(end / whole * Width));
            if (until > bar.Length)
                bar.Append(sign, until - bar.Length);
        }

        foreach (var stage in stages.Select(s => s!))
        {
            Part('-', hop);
            Part('q', Number(stage, "queue"));
            Part((char)('0' + Number(stage, "stage") % 10), Number(stage, "compute"));
            Part('s', Number(stage, "send"));
        }

        Part('-', hop);
        return bar.ToString();
    }

    private static JsonNode? Stage(JsonNode sums, int stage) => sums["stages"]!.AsArray().FirstOrDefault(s => Number(s, "stage") == stage);

    private static long Number(JsonNode? node, string name) => node?[name]?.GetValue<long>() ?? 0;

    private static string Time(long microseconds) => microseconds switch
    {
        < 1_000 => $"{microseconds} µs",
        < 1_000_000 => $"{microseconds / 1000.0:F1} ms",
        _ => $"{microseconds / 1_000_000.0:F2} s",
    };
}
