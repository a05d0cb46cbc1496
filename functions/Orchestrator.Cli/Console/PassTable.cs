using System.Text;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary>
/// The passes of one chain, a line each. The bars of tokens have one scale, so that a token that took twice as long is twice as wide; the prompt's passes, often
/// many times longer, fill the width. A line fits 80 columns.
/// </summary>
internal static class PassTable
{
    private const int Width = 38;

    public static void Write(IAnsiConsole console, JsonArray passes, int most)
    {
        if (most == 0)
            return;
        var shown = passes.Take(most).Select(p => p!).ToList();
        // A choice's first draw ends its prompt.
        var prompts = shown.Where(p => p["drew"]!.GetValue<bool>()).GroupBy(p => Waterfall.Number(p, "choice")).ToDictionary(g => g.Key, g => g.Min(p => Waterfall.Number(p, "position")));
        bool OfPrompt(JsonNode pass) => !prompts.TryGetValue(Waterfall.Number(pass, "choice"), out long first) || Waterfall.Number(pass, "position") <= first;
        long longest = shown.Where(p => !OfPrompt(p)).Select(p => Waterfall.Number(p, "trip")).DefaultIfEmpty(0).Max();
        bool several = shown.Any(p => Waterfall.Number(p, "choice") > 0);
        console.WriteLine();
        console.WriteLine("In bars, digit: that stage computes (its last digit), q: waits for its turn,");
        console.WriteLine("s: sends; -: network. GAP: since the answer before it, which a token waits for.");
        console.WriteLine(longest > 0 ? $"A token's full bar is {Waterfall.Time(longest)}; the prompt's are always full." : "The prompt's bars are always full.");
        console.WriteLine($"{(several ? "CHOICE:POS" : "POSITION"),-10}{"AT",10}{"GAP",10}{"TOOK",10}");
        foreach (var pass in shown)
        {
            string position = several ? $"{pass["choice"]}:{pass["position"]}" : OfPrompt(pass) ? $"prompt {pass["position"]}" : $"{pass["position"]}";
            long gap = Waterfall.Number(pass, "edge");
            string times = $"{Waterfall.Time(Waterfall.Number(pass, "at")),10}{(gap > 0 ? Waterfall.Time(gap) : ""),10}{Waterfall.Time(Waterfall.Number(pass, "trip")),10}";
            console.WriteLine($"{position,-10}{times}  {Bar(pass, OfPrompt(pass) ? Waterfall.Number(pass, "trip") : longest)}");
        }

        if (passes.Count > most)
            console.WriteLine($"{passes.Count - most} more: --passes {passes.Count}");
    }

    /// <summary>One pass as a bar: its parts one after the other, the network's share before, between and after the stages.</summary>
    private static string Bar(JsonNode pass, long full)
    {
        double scale = (double)Width / Math.Max(1, full);
        int width = Math.Clamp((int)Math.Round(Waterfall.Number(pass, "trip") * scale), 1, Width);
        var stages = pass["stages"]!.AsArray();
        double hop = Waterfall.Number(pass, "network") / (double)(stages.Count + 1);
        var bar = new StringBuilder();
        double end = 0;
        void Part(char sign, double microseconds)
        {
            end += microseconds;
            int until = (int)Math.Min(width, Math.Round(end * scale));
            if (until > bar.Length)
                bar.Append(sign, until - bar.Length);
        }

        foreach (var stage in stages.Select(s => s!))
        {
            Part('-', hop);
            Part('q', Waterfall.Number(stage, "queue"));
            Part((char)('0' + Waterfall.Number(stage, "stage") % 10), Waterfall.Number(stage, "compute"));
            Part('s', Waterfall.Number(stage, "send"));
        }

        Part('-', hop);
        return bar.Length > 0 ? bar.ToString() : "-";
    }
}
