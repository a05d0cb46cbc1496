using System.CommandLine;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Network;

/// <summary><c>network</c>: dispatch latency, time to first token and jobs per second of two chains of four on the bundled model.</summary>
internal static class NetworkCommand
{
    private const string Question = "What is the capital of France?";
    private const int Stages = 4;
    private const int Chains = 2;
    private const int Warmups = 10;

    private static readonly int[] Concurrencies = [1, 4, 8];

    internal static Command Create()
    {
        var jobs = Cells.Count("--jobs", 40, 1, "Jobs per measurement.");
        var json = ReportFile.Option();
        var command = new Command("network", "Latency and throughput of a whole network through its HTTP API.") { jobs, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(jobs), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(int jobs, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        Cells.Progress.MarkupLine($"Starting {Chains} chains of {Stages} workers…");
        using var model = await BenchmarkModel.CreateAsync("bundled", Stages, cancel);
        await using var network = await ModelNetwork.StartAsync(model, Chains, cancel);
        var ask = new NetworkJobs(network, Question);
        int tokens = 0;
        for (int i = 0; i < Warmups; i++)
            tokens = (await ask.AskAsync(cancel)).Usage!["completion_tokens"]!.GetValue<int>();

        var alone = await ask.AloneAsync(jobs, cancel);
        List<LoadReport> loads = [];
        foreach (int concurrency in Concurrencies)
            loads.Add(await ask.SideBySideAsync(concurrency, jobs, cancel));
        var report = new NetworkReport(Chains, Stages, Question, tokens, machine, alone, loads);
        Print(report);
        await ReportFile.WriteAsync(json, report, NetworkJson.Default.NetworkReport, cancel);
        return 0;
    }

    private static void Print(NetworkReport report)
    {
        Cells.Tables.WriteLine($"{report.Chains} chains of {report.Stages} processes, {report.CompletionTokens} tokens per answer, {report.Alone.Jobs} jobs, {report.Machine}");
        var alone = new Table();
        alone.AddColumns("one job at a time, from the request to", "ms");
        alone.AddRow("the edge's assignment (upper bound)", Cells.Of(report.Alone.Dispatch, "F1"));
        alone.AddRow("the first text", Cells.Of(report.Alone.FirstToken, "F1"));
        alone.AddRow("the last text", Cells.Of(report.Alone.LastToken, "F1"));
        alone.AddRow("the end: both chains agree", Cells.Of(report.Alone.Whole, "F1"));
        Cells.Tables.Write(alone);
        var loads = new Table();
        loads.AddColumns("jobs at a time", "jobs/s", "first text ms", "whole job ms");
        foreach (var load in report.Loads)
            loads.AddRow($"{load.Concurrency}", load.JobsPerSecond.ToString("F1"), Cells.Of(load.FirstToken, "F1"), Cells.Of(load.Whole, "F1"));
        Cells.Tables.Write(loads);
        Cells.Tables.MarkupLine("median (p10–p90)");
    }
}
