using System.CommandLine;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Benchmarks.Decode;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Worker.Hosting;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Breakdown;

/// <summary><c>breakdown</c>: the parts of a token's time over worker processes, beside its stages in one process.</summary>
internal static class BreakdownCommand
{
    private const int Stages = 4;

    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "d512", Description = "bundled, or d512: 56 M random parameters." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var rounds = Cells.Count("--rounds", 8, 1, "Measured rounds.");
        var tokens = Cells.Count("--tokens", 64, 8, "Tokens to draw.");
        var json = ReportFile.Option();
        var command = new Command("breakdown", "Where the time of a token goes in a chain of worker processes.") { model, rounds, tokens, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(model)!, parsed.GetValue(rounds), parsed.GetValue(tokens), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string name, int rounds, int tokens, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        var times = Directory.CreateTempSubdirectory("orchestrator-benchmark-passes-");
        try
        {
            // Workers take options from the environment too, and get ours.
            Environment.SetEnvironmentVariable($"Worker__{nameof(WorkerOptions.PassLogFolder)}", times.FullName);
            using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
            var work = DecodeWork.Create(model.Manifest, promptTokens: 64, tokens);
            TimedStage[] timed = [.. (await model.LoadShardsAsync(cancel)).Select(stage => new TimedStage(stage))];
            await using var local = new LocalPath("local", timed, model.Manifest.Vocabulary);
            await using var network = await ModelNetwork.StartAsync(model, chains: 1, cancel);
            await using var chain = new ChainPath("chain", await network.DirectAsync(model, cancel));
            List<double> locals = [];
            List<PassTable> passes = [];
            for (int round = -1; round < rounds; round++)
            {
                var run = await local.RunAsync(work, cancel);
                await chain.RunAsync(work, cancel);
                var table = await PassTable.ReadAsync(times.FullName, chain.LastSession!, Stages, cancel);
                if (round < 0)
                {
                    // Everything is compiled and warm from here on.
                    Array.ForEach(timed, stage => stage.Microseconds.Clear());
                    continue;
                }

                locals.Add(run.PerToken.TotalMicroseconds);
                passes.Add(table);
                Cells.Progress.MarkupLine($"round {round + 1} of {rounds}");
            }

            var report = new BreakdownReport(name, rounds, tokens, machine, Spread.Of(locals), Spread.Of(passes.SelectMany(p => p.Token)),
                [.. timed.Select((stage, i) => Stage(i, stage, passes))]);
            Print(report);
            await ReportFile.WriteAsync(json, report, BreakdownJson.Default.BreakdownReport, cancel);
            return 0;
        }
        finally
        {
            times.Delete(recursive: true);
        }
    }

    private static StageReport Stage(int stage, TimedStage local, List<PassTable> passes)
    {
        Spread Over(Func<PassTable, IEnumerable<double>> part) => Spread.Of(passes.SelectMany(part));
        return new(stage, Over(p => p.Way(stage)), Over(p => p.Queue(stage)), Over(p => p.Run(stage)), Spread.Of(local.Microseconds),
            Over(p => p.Send(stage)), Over(p => p.Commit(stage)));
    }

    private static void Print(BreakdownReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}, {report.CompletionTokens} tokens, {report.Rounds} rounds, {report.Machine}; µs per token");
        var table = new Table();
        table.AddColumns("stage", "way here", "wait", "run", "run in one process", "(send)", "(commit)");
        foreach (var stage in report.Stages)
            table.AddRow($"{stage.Stage}", Cells.Of(stage.Way, "F0"), Cells.Of(stage.Wait, "F0"), Cells.Of(stage.Run, "F0"), Cells.Of(stage.LocalRun, "F0"), Cells.Of(stage.Send, "F0"), Cells.Of(stage.Commit, "F0"));
        double Sum(Func<StageReport, Spread> part) => report.Stages.Sum(stage => part(stage).Median);
        table.AddRow("sum", $"{Sum(s => s.Way):F0}", $"{Sum(s => s.Wait):F0}", $"{Sum(s => s.Run):F0}", $"{Sum(s => s.LocalRun):F0}", $"{Sum(s => s.Send):F0}", $"{Sum(s => s.Commit):F0}");
        Cells.Tables.Write(table);
        Cells.Tables.MarkupLine($"a token: {Cells.Of(report.Token, "F0")} over processes, {Cells.Of(report.Local, "F0")} in one; median (p10–p90)");
        Cells.Tables.MarkupLine("send is part of the next way; commit is on nobody's way");
    }
}
