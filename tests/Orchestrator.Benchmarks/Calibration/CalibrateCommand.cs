using System.CommandLine;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Verification;
using Spectre.Console;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>
/// <c>calibrate</c>: how far honest runs are apart, and how far cheaper weights. Exit code 1 when an honest chunk or draw is so far off that an accuser would be slashed, or the limits in use let a chunk of int8 weights pass.
/// </summary>
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
        var each = Cells.Count("--each", 11, 1, "Honest variations that a sequence is run in, taken in turn; with 1 every comparison is of another chunk.");
        var seed = Cells.Count("--seed", 1, 0, "Seed of prompts and answers.");
        var json = ReportFile.Option();
        var command = new Command("calibrate", "Distances of fingerprints over honest variations and over rounded weights.") { model, sequences, tokens, dishonest, each, seed, json };
        command.SetAction((parsed, cancel) => RunAsync(
            parsed.GetValue(model)!, parsed.GetValue(sequences), parsed.GetValue(tokens), parsed.GetValue(dishonest), parsed.GetValue(each), parsed.GetValue(seed), parsed.GetValue(json), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string name, int sequences, int tokens, int dishonestEvery, int each, int seed, FileInfo? json, CancellationToken cancel)
    {
        var machine = Machine.Here();
        using var model = await BenchmarkModel.CreateAsync(name, Stages, cancel);
        using var models = await CalibrationModels.LoadAsync(model, cancel);
        var run = new CalibrationRun(models, seed, each);
        for (int i = 0; i < sequences; i++)
        {
            cancel.ThrowIfCancellationRequested();
            run.Sequence(tokens, dishonest: i % dishonestEvery == 0);
            Cells.Progress.MarkupLine($"sequence {i + 1} of {sequences}");
        }

        var report = Report(name, sequences, models, run, machine);
        Print(report);
        await ReportFile.WriteAsync(json, report, CalibrationJson.Default.CalibrationReport, cancel);
        return report.Holds ? 0 : 1;
    }

    /// <summary>What a run found.</summary>
    internal static CalibrationReport Report(string name, int sequences, CalibrationModels models, CalibrationRun run, Machine machine)
    {
        var limits = FingerprintThresholds.Float32;
        var published = FingerprintThresholds.Between(models.Class, models.Class with { Provider = "other" }, FloatFormat.Float32);
        VariationRow[] rows = [.. models.Variations.Where(v => run.Found[v].Count > 0).Select(v => VariationRow.Of(v, run.Found[v], limits, published))];
        var honest = rows.Where(r => r.Honest).ToArray();
        return new(name, models.Manifest.Stages.Count, sequences, honest.Sum(r => r.Chunks), run.DistinctChunks, honest.Sum(r => r.Refused + r.DrawsRefused), honest.Sum(r => r.Far + r.DrawsRefused), limits, machine, rows);
    }

    private static void Print(CalibrationReport report)
    {
        Cells.Tables.WriteLine($"{report.Model}, {report.Stages} stages, {report.Sequences} sequences, {report.Machine}");
        var table = new Table();
        table.AddColumns("variation", "chunks", "bit-equal", "mismatches p50 / p99 / max", "mean error min / p1 / p50 / p99 / max", "median error p50 / max", "refused", "ten times as far", "as published", "draws: other / largest gap / refused");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                row.Name, $"{row.Chunks:N0}", $"{(double)row.Equal / row.Chunks:P1}",
                $"{row.Mismatches.P50:0.#} / {row.Mismatches.P99:0.#} / {row.Mismatches.Max:0.#}",
                $"{row.MeanError.Min:0.###} / {row.MeanError.P1:0.###} / {row.MeanError.P50:0.###} / {row.MeanError.P99:0.###} / {row.MeanError.Max:0.###}",
                $"{row.MedianError.P50:0.#} / {row.MedianError.Max:0.#}",
                $"{row.Refused:N0}", $"{row.Far:N0}", $"{(double)row.RefusedAsPublished / row.Chunks:P2}",
                $"{row.Flips:N0} of {row.Draws:N0} / {row.LargestGap:0.######} / {row.DrawsRefused}");
        }

        Cells.Tables.Write(table);
        Cells.Tables.WriteLine($"Limits: at most {report.Limits.MaxMismatches} mismatches of 128, mean {report.Limits.MaxMeanError}, median {report.Limits.MaxMedianError} steps of 2^-13 of an octave.");
        Cells.Tables.WriteLine($"{report.FalsePositives} of {report.HonestChunks:N0} comparisons of {report.DistinctChunks:N0} different honest chunks refused, {report.FalseSlashes} ten times as far off as that takes.");
    }
}
