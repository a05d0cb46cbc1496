using System.CommandLine;
using Orchestrator.Core.Assurance;
using Orchestrator.Drill;
using Orchestrator.Drill.Reports;
using Spectre.Console;

namespace Orchestrator.Cli;

/// <summary><c>drill</c>: a network in which nodes cheat, and what became of it.</summary>
public static class DrillCommand
{
    /// <summary>Builds the command.</summary>
    public static Command Create(Terminal terminal)
    {
        var jobs = new Option<int>("--jobs", "-n") { Description = "Jobs of every cheat, over all assurances", DefaultValueFactory = _ => 1000 };
        var cheats = new Option<string?>("--cheats") { Description = "Names separated by commas; all by default" };
        var assurances = new Option<string?>("--assurances") { Description = "Separated by commas; sampled,redundant:2,optimistic by default" };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same table", DefaultValueFactory = _ => 1 };
        var model = new Option<FileInfo?>("--model") { Description = "ONNX file to run; the bundled model by default" };
        var network = new Option<bool>("--network") { Description = "Drill a network of processes instead: one node after another cheats, and everything else is as 'up' starts it" };
        var nodes = new Option<int>("--nodes") { Description = "Worker processes, with --network", DefaultValueFactory = _ => 12 };
        var keep = new Option<DirectoryInfo?>("--keep") { Description = "With --network, run in this folder and leave it, logs included" };
        var output = ConnectionOptions.Output();
        var command = new Command("drill", "Run a network in which a third of the nodes cheat, and print what was caught, how, and who was slashed.")
        {
            jobs, cheats, assurances, seed, model, network, nodes, keep, output,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            await Task.Yield(); // Ctrl-C waits for the clean-up only once this task exists
            string[] chosen = Split(parsed.GetValue(cheats));
            if (parsed.GetValue(network))
            {
                Option[] others = [jobs, seed, model];
                if (others.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } other)
                    throw new CliException($"{other.Name} is for the drill in one process: leave it out, or leave out {network.Name}", ExitCodes.Usage);
                return await NetworkDrillRun.RunAsync(
                    terminal, chosen, Split(parsed.GetValue(assurances)), parsed.GetValue(nodes), parsed.GetValue(keep)?.FullName, parsed.GetValue(output) == OutputFormat.Json, cancel);
            }

            var defaults = new DrillOptions { ModelPath = BundledModel.Path };
            var options = defaults with
            {
                ModelPath = parsed.GetValue(model)?.FullName ?? defaults.ModelPath,
                Jobs = parsed.GetValue(jobs),
                Cheats = chosen,
                Assurances = parsed.GetValue(assurances) is { } levels ? [.. Split(levels).Select(Level)] : defaults.Assurances,
                Seed = parsed.GetValue(seed),
            };
            var report = await RunAsync(terminal, options, cancel);
            if (parsed.GetValue(output) == OutputFormat.Json)
                terminal.WriteJson(report);
            else
                Print(terminal, report);
            return report.Ok ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static async Task<DrillReport> RunAsync(Terminal terminal, DrillOptions options, CancellationToken cancel)
    {
        try
        {
            return await new DrillRun(options)
            {
                Progress = row => terminal.Note($"[grey]{Markup.Escape(row.Cheat)} at {Markup.Escape(row.Assurance)}: {row.Caught} of {row.Trials} caught[/]"),
            }.RunAsync(cancel);
        }
        catch (ArgumentException e)
        {
            throw new CliException(e.Message, ExitCodes.Usage);
        }
    }

    private static void Print(Terminal terminal, DrillReport report)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("cheat", "assurance", "caught", "rate", "95 % interval", "predicted", "wrong", "refunded", "slashed", "honest", "proven by");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                [
                    row.Problems.Count == 0 ? Markup.Escape(row.Cheat) : $"[red]{Markup.Escape(row.Cheat)}[/]", Markup.Escape(row.Assurance), $"{row.Caught}/{row.Trials}",
                    Percent(row.Rate), row.Trials == 0 ? "" : $"{Percent(row.Low)} to {Percent(row.High)}", Percent(row.Predicted),
                    $"{row.WrongFinals}", $"{row.Refunded}", $"{row.Slashed}", $"{row.HonestSlashed}",
                    string.Join(", ", row.Proofs.Select(p => $"{p.Value} {p.Key.ToLowerInvariant()}")),
                ]);
        }

        terminal.Out.Write(table);
        foreach (var row in report.Rows)
        {
            foreach (string problem in row.Problems)
                terminal.Out.MarkupLineInterpolated($"[red]{row.Cheat} at {row.Assurance}: {problem}[/]");
        }

        terminal.Out.MarkupLineInterpolated(
            $"{report.Rows.Sum(r => (long)r.Jobs)} jobs, {report.Nodes} nodes, seed {report.Seed}. {report.Rows.Sum(r => r.Slashed)} cheaters slashed, each once; {report.Rows.Sum(r => r.HonestSlashed)} honest nodes slashed.");
        long difference = report.Rows.Sum(r => Math.Abs(r.Difference));
        terminal.Out.MarkupLineInterpolated(
            $"Books of {report.Rows.Count} networks: {report.Rows.Sum(r => r.PaidIn)} micro-credits paid in, difference {difference}: {(difference == 0 ? "they close" : "they do not close")}.");
    }

    private static string Percent(double? share) => share is { } value ? value.ToString("P1", System.Globalization.CultureInfo.InvariantCulture) : "";

    private static string[] Split(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private static AssuranceLevel Level(string text) =>
        AssuranceLevel.TryRead(text, out var level) ? level : throw new CliException($"'{text}' is no assurance: use {AssuranceLevel.Grammar}", ExitCodes.Usage);
}
