using System.CommandLine;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Decode;

/// <summary><c>decode</c>: paired rounds of every way to decode. Exit code 1 when two paths draw different tokens.</summary>
internal static class DecodeCommand
{
    private const int Stages = 4;

    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "bundled", Description = "bundled, or d512: 56 M random parameters." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var starts = Cells.Count("--starts", 1, 1, "How often models are loaded and processes started anew: where memory happens to lie changes speeds by a tenth.");
        var rounds = Cells.Count("--rounds", 10, 1, "Measured rounds per start.");
        var prompt = Cells.Count("--prompt-tokens", 64, DecodeWork.Markers + 1, "Tokens of the prompt.");
        var tokens = Cells.Count("--tokens", 256, 8, "Tokens to draw.");
        var json = ReportFile.Option();
        var command = new Command("decode", "Whole model, chain in one process, chain of processes, HTTP API: tokens per second.") { model, starts, rounds, prompt, tokens, json };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(starts), parsed.GetValue(rounds), parsed.GetValue(prompt), parsed.GetValue(tokens), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string name, int starts, int rounds, int promptTokens, int tokens, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        Cells.Progress.MarkupLine($"Preparing model [bold]{name}[/], cutting it in {Stages} and starting {Stages} workers…");
        using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
        var work = DecodeWork.Create(model.Manifest, promptTokens, tokens);
        string[] names = [];
        List<IReadOnlyList<IReadOnlyList<DecodeRun>>> all = [];
        for (int start = 1; start <= starts; start++)
        {
            List<IDecodePath> paths = [];
            try
            {
                await AddPathsAsync(paths, model, cancel);
                all.Add(await DecodeRounds.RunAsync(paths, work, rounds, round => Cells.Progress.MarkupLine($"start {start} of {starts}, round {round} of {rounds}"), cancel));
                names = [.. paths.Select(path => path.Name)];
            }
            finally
            {
                foreach (var path in paths)
                    await path.DisposeAsync();
            }
        }

        List<DecodeRun>[] runs = [.. names.Select((_, path) => all.SelectMany(start => start[path]).ToList())];
        var report = new DecodeReport(name, model.Manifest.ParameterCount, promptTokens, tokens, starts, rounds, machine,
            DecodeRounds.SameTokens(runs), DecodeReport.Summarize(names, runs));
        Print(report);
        await ReportFile.WriteAsync(json, report, DecodeJson.Default.DecodeReport, cancel);
        return report.SameTokens ? 0 : 1;
    }

    /// <summary>All paths, each with one thing more than the path before it.</summary>
    private static async Task AddPathsAsync(List<IDecodePath> paths, BenchmarkModel model, CancellationToken cancel)
    {
        paths.Add(new LocalPath("whole model", await model.LoadWholeAsync(cancel), model.Manifest.Vocabulary));
        paths.Add(new LocalPath($"chain of {Stages}, one process", await model.LoadShardsAsync(cancel), model.Manifest.Vocabulary));
        var network = await ModelNetwork.StartAsync(model, chains: 1, cancel);
        var http = new HttpPath("the same through the HTTP API", network);
        try
        {
            paths.Add(new ChainPath($"chain of {Stages} worker processes", await network.DirectAsync(model, cancel)));
        }
        finally
        {
            paths.Add(http);
        }
    }

    private static void Print(DecodeReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}: {report.Parameters:N0} parameters, {report.PromptTokens} + {report.CompletionTokens} tokens, {report.Starts} starts of {report.Rounds} rounds, {report.Machine}");
        var table = new Table();
        table.AddColumns("path", "tokens/s", "of whole", "of the row above", "added µs/token", "first token ms");
        foreach (var path in report.Paths)
        {
            table.AddRow(path.Name, Cells.Of(path.TokensPerSecond, "F1"), Cells.Of(path.OfFirst, "F3"), Cells.Of(path.OfBefore, "F3"),
                Cells.Of(path.AddedMicroseconds, "F0"), Cells.Of(path.FirstTokenMilliseconds, "F1"));
        }

        Cells.Tables.Write(table);
        Cells.Tables.MarkupLine($"median (p10–p90); ratios and differences are of the same round; workers, control plane and client share the {report.Machine.Cores} cores");
        Cells.Tables.MarkupLine(report.SameTokens ? "All paths drew the same tokens." : "[red]The paths drew different tokens.[/]");
    }
}
