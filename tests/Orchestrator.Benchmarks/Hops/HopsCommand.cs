using System.CommandLine;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Hops;

/// <summary><c>hops</c>: what the network around the stages costs per token.</summary>
internal static class HopsCommand
{
    private const int Stages = 4;
    private const int Warmups = 5;

    internal static Command Create()
    {
        var sessions = Cells.Count("--sessions", 10, 1, "Measured sessions.");
        var tokens = Cells.Count("--tokens", 512, 16, "Tokens per session.");
        var json = ReportFile.Option();
        var command = new Command("hops", "Time per token and hop of a chain whose stages compute nothing.") { sessions, tokens, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(sessions), parsed.GetValue(tokens), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(int sessions, int tokens, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        await using var chain = await HopChain.StartAsync(Stages, tokens, cancel);
        for (int i = 0; i < Warmups; i++)
            await chain.RunAsync(cancel);
        List<HopClock> clocks = [];
        for (int i = 0; i < sessions; i++)
            clocks.Add(await chain.RunAsync(cancel));

        var hops = Enumerable.Range(0, Stages).Select(stage => new HopRow(Name(stage), Spread.Of(clocks.SelectMany(c => c.Hop(stage, chain.Settled)))));
        var round = new HopRow("token, all hops", Spread.Of(clocks.SelectMany(c => c.Token(chain.Settled))));
        var report = new HopsReport(Stages, tokens, sessions, machine, [round, .. hops]);
        Print(report);
        await ReportFile.WriteAsync(json, report, HopsJson.Default.HopsReport, cancel);
        return 0;
    }

    private static string Name(int stage) => stage < Stages - 1 ? $"stage {stage} to {stage + 1}" : $"stage {stage} to edge to stage 0";

    private static void Print(HopsReport report)
    {
        Cells.Tables.WriteLine($"chain of {report.Stages} hosts in one process, {report.Sessions} sessions of {report.Tokens} tokens, {report.Machine}");
        var table = new Table();
        table.AddColumns("way", "p10 µs", "median µs", "p90 µs");
        foreach (var row in report.Rows)
            table.AddRow(row.Name, row.Microseconds.P10.ToString("F1"), row.Microseconds.Median.ToString("F1"), row.Microseconds.P90.ToString("F1"));
        Cells.Tables.Write(table);
    }
}
