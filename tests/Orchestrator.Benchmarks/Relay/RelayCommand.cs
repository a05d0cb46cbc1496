using System.CommandLine;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Benchmarks.Decode;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Relay;

/// <summary><c>relay</c>: the same worker processes, every hop dialled directly or through the relay process. Exit code 1 when the tokens differ.</summary>
internal static class RelayCommand
{
    private const int Stages = 4;

    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "bundled", Description = "bundled, or d512: 56 M random parameters." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var starts = Cells.Count("--starts", 1, 1, "How often processes are started anew.");
        var rounds = Cells.Count("--rounds", 10, 1, "Measured rounds per start.");
        var tokens = Cells.Count("--tokens", 256, 8, "Tokens to draw.");
        var json = ReportFile.Option();
        var command = new Command("relay", "A chain of worker processes, dialled directly and through a relay: tokens per second.") { model, starts, rounds, tokens, json };
        command.SetAction((parsed, cancel) =>
            RunAsync(parsed.GetValue(model)!, parsed.GetValue(starts), parsed.GetValue(rounds), parsed.GetValue(tokens), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string name, int starts, int rounds, int tokens, FileInfo? json, CancellationToken cancel)
    {
        const int PromptTokens = 64;
        var machine = Machine.Here();
        using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
        var work = DecodeWork.Create(model.Manifest, PromptTokens, tokens);
        List<IReadOnlyList<IReadOnlyList<DecodeRun>>> all = [];
        for (int start = 1; start <= starts; start++)
        {
            Cells.Progress.MarkupLine($"Start {start} of {starts}: {Stages} workers and a relay…");
            await using var network = await ModelNetwork.StartAsync(model, chains: 1, cancel, relay: true);
            await using var direct = new ChainPath("dialled directly", await network.DirectAsync(model, cancel));
            await using var relayed = new ChainPath("through the relay", await network.DirectAsync(model, cancel, relayed: true));
            all.Add(await DecodeRounds.RunAsync([direct, relayed], work, rounds, round => Cells.Progress.MarkupLine($"round {round} of {rounds}"), cancel));
        }

        List<DecodeRun>[] runs = [.. Enumerable.Range(0, 2).Select(path => all.SelectMany(start => start[path]).ToList())];
        var report = new DecodeReport(name, model.Manifest.ParameterCount, PromptTokens, tokens, starts, rounds, machine,
            DecodeRounds.SameTokens(runs), DecodeReport.Summarize(["dialled directly", "through the relay"], runs));
        Print(report);
        await ReportFile.WriteAsync(json, report, DecodeJson.Default.DecodeReport, cancel);
        return report.SameTokens ? 0 : 1;
    }

    private static void Print(DecodeReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}: {report.Parameters:N0} parameters, {report.PromptTokens} + {report.CompletionTokens} tokens, {report.Starts} starts of {report.Rounds} rounds, {report.Machine}");
        var table = new Table();
        table.AddColumns("hops", "tokens/s", "of direct", "added µs/token", "first token ms");
        foreach (var path in report.Paths)
            table.AddRow(path.Name, Cells.Of(path.TokensPerSecond, "F1"), Cells.Of(path.OfFirst, "F3"), Cells.Of(path.AddedMicroseconds, "F0"), Cells.Of(path.FirstTokenMilliseconds, "F1"));
        Cells.Tables.Write(table);
        Cells.Tables.MarkupLine(report.SameTokens ? "Both ways drew the same tokens." : "[red]The two ways drew different tokens.[/]");
    }
}
