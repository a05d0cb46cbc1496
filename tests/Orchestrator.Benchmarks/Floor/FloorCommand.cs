using System.CommandLine;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Floor;

/// <summary><c>floor</c>: what a chain of processes costs on this machine whatever the product does.</summary>
internal static class FloorCommand
{
    private const int Stages = 4;
    private const int Warmups = 20;

    internal static Command Create()
    {
        var rounds = Cells.Count("--rounds", 150, 1, "Measured rounds.");
        var megabytes = Cells.Count("--megabytes", 160, Stages, "Memory read per token; 160 is what the d512 model reads.");
        var json = ReportFile.Option();
        var command = new Command("floor", "Processes that read as much memory as the model and pass a message on: the least that four processes cost.") { rounds, megabytes, json };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(rounds), parsed.GetValue(megabytes), parsed.GetValue(json), cancel));
        return command;
    }

    /// <summary>What <see cref="FloorChain"/> starts.</summary>
    internal static Command CreateStage()
    {
        var megabytes = new Argument<int>("megabytes");
        var next = new Argument<int>("port");
        var command = new Command("floor-stage") { megabytes, next };
        command.Hidden = true;
        command.SetAction(parsed => FloorStage.Run(parsed.GetValue(megabytes), parsed.GetValue(next)));
        return command;
    }

    private static async Task<int> RunAsync(int rounds, int megabytes, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        var sweep = new WeightSweep(megabytes);
        using var chain = FloorChain.Start(Stages, megabytes / Stages);
        List<double> whole = [], round = [], sweeps = [];
        for (int i = -Warmups; i < rounds; i++)
        {
            cancel.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            for (int stage = 0; stage < Stages; stage++)
                sweep.Run(stage, Stages);
            double took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            var pass = chain.Pass();
            if (i < 0)
                continue;
            whole.Add(took);
            round.Add(pass.Round);
            sweeps.Add(pass.Sweeps);
        }

        var report = new FloorReport(Stages, megabytes, rounds, machine, Spread.Of(whole), Spread.Of(round), Spread.Of(sweeps),
            Spread.Of(round.Zip(sweeps, (r, s) => r - s)), Spread.Of(whole.Zip(round, (w, r) => w / r)));
        Print(report);
        await ReportFile.WriteAsync(json, report, FloorJson.Default.FloorReport, cancel);
        return 0;
    }

    private static void Print(FloorReport report)
    {
        Cells.Tables.WriteLine($"{report.Stages} processes that read {report.Megabytes} MB between them and pass {FloorStage.MessageBytes} bytes on, {report.Rounds} rounds, {report.Machine}");
        var table = new Table();
        table.AddColumns("µs per token", "one process", "chain", "reading in the chain", "all hops", "chain of one process");
        table.AddRow("", Cells.Of(report.Whole, "F0"), Cells.Of(report.Chain, "F0"), Cells.Of(report.Sweeps, "F0"), Cells.Of(report.Hops, "F0"), Cells.Of(report.Ratio, "F3"));
        Cells.Tables.Write(table);
        Cells.Tables.MarkupLine("median (p10–p90); plain TCP, blocking, no TLS, no commitments: nothing that sends messages between processes is faster here");
    }
}

/// <summary>The floor under a chain of processes; microseconds per token.</summary>
/// <param name="Stages">Processes.</param>
/// <param name="Megabytes">Read per token, by all of them together.</param>
/// <param name="Rounds">Measured tokens.</param>
/// <param name="Machine">Where.</param>
/// <param name="Whole">One process reads it all.</param>
/// <param name="Chain">The processes read their parts in turn.</param>
/// <param name="Sweeps">Reading, in the chain.</param>
/// <param name="Hops">The rest: messages and wake-ups.</param>
/// <param name="Ratio">Whole over chain, of the same round.</param>
public sealed record FloorReport(
    int Stages, int Megabytes, int Rounds, Machine Machine, Spread Whole, Spread Chain, Spread Sweeps, Spread Hops, Spread Ratio);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(FloorReport))]
internal sealed partial class FloorJson : JsonSerializerContext;
