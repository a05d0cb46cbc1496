using System.CommandLine;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Verification;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary><c>calibrate</c>: how far honest runs are apart, and how far cheaper weights. Exit code 1 when the limits in use refuse an honest chunk.</summary>
internal static class CalibrateCommand
{
    private const int Stages = 4;

    internal static Command Create()
    {
        var model = new Option<string>("--model") { DefaultValueFactory = _ => "bundled", Description = "bundled, d256 or d512." };
        model.AcceptOnlyFromAmong(BenchmarkModel.Names);
        var sequences = Cells.Count("--sequences", 10, 1, "Sequences to run.");
        var tokens = Cells.Count("--tokens", 480, 64, "Tokens of a sequence, prompt and answer.");
        var dishonest = Cells.Count("--dishonest-every", 4, 1, "Run rounded weights on every so many sequences.");
        var seed = Cells.Count("--seed", 1, 0, "Seed of prompts and answers.");
        var json = ReportFile.Option();
        var command = new Command("calibrate", "Distances of fingerprints over honest variations and over rounded weights.") { model, sequences, tokens, dishonest, seed, json };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(sequences), parsed.GetValue(tokens), parsed.GetValue(dishonest), parsed.GetValue(seed), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string name, int sequences, int tokens, int dishonestEvery, int seed, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
        using var models = await CalibrationModels.LoadAsync(model, cancel);
        var run = new CalibrationRun(models, seed);
        for (int i = 0; i < sequences; i++)
        {
            cancel.ThrowIfCancellationRequested();
            run.Sequence(tokens, dishonest: i % dishonestEvery == 0);
            Cells.Progress.MarkupLine($"sequence {i + 1} of {sequences}");
        }

        var limits = FingerprintThresholds.Float32;
        var (cpu, other) = (models.Class, models.Class with { Provider = "other" });
        var published = FingerprintThresholds.Between(cpu, other, FloatFormat.Float32);
        VariationRow[] rows = [.. models.Variations.Select(v => VariationRow.Of(v, run.Found[v], limits, published))];
        var honest = rows.Where(r => r.Honest).ToArray();
        var report = new CalibrationReport(name, Stages, sequences, honest.Sum(r => r.Chunks), honest.Sum(r => r.Refused), limits, machine, rows);
        Print(report);
        await ReportFile.WriteAsync(json, report, CalibrationJson.Default.CalibrationReport, cancel);
        return report.FalsePositives == 0 ? 0 : 1;
    }

    private static void Print(CalibrationReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}, {report.Stages} stages, {report.Sequences} sequences, {report.Machine}");
        var table = new Table();
        table.AddColumns("variation", "chunks", "bit-equal", "mismatches p50 / p99 / max", "mean error min / p1 / p50 / p99 / max", "median error p50 / max", "refused", "as published");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                row.Name, $"{row.Chunks:N0}", $"{(double)row.Equal / row.Chunks:P1}",
                $"{row.Mismatches.P50:0.#} / {row.Mismatches.P99:0.#} / {row.Mismatches.Max:0.#}",
                $"{row.MeanError.Min:0.###} / {row.MeanError.P1:0.###} / {row.MeanError.P50:0.###} / {row.MeanError.P99:0.###} / {row.MeanError.Max:0.###}",
                $"{row.MedianError.P50:0.#} / {row.MedianError.Max:0.#}",
                $"{(double)row.Refused / row.Chunks:P2}", $"{(double)row.RefusedAsPublished / row.Chunks:P2}");
        }

        Cells.Tables.Write(table);
        Cells.Tables.WriteLine($"Limits: at most {report.Limits.MaxMismatches} mismatches of 128, mean {report.Limits.MaxMeanError}, median {report.Limits.MaxMedianError} steps of 2^-13 of an octave.");
        Cells.Tables.WriteLine($"{report.FalsePositives} of {report.HonestChunks:N0} honest chunks refused.");
    }
}
