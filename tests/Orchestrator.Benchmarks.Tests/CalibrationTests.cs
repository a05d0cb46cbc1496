using Orchestrator.Benchmarks.Calibration;
using Orchestrator.Benchmarks.Models;
using Orchestrator.Benchmarks.Output;

namespace Orchestrator.Benchmarks.Tests;

/// <summary>What infra/docs/calibration.md measured over 100,000 chunks, on a few: the same program with a pinned seed.</summary>
public sealed class CalibrationTests
{
    private const int Sequences = 3;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_honest_chunk_or_draw_is_refused_and_every_chunk_of_int8_weights_is()
    {
        using var model = await BenchmarkModel.CreateAsync("bundled", 4, Cancel);
        using var models = await CalibrationModels.LoadAsync(model, Cancel);
        int honest = models.Variations.Count(v => v.Honest);
        var run = new CalibrationRun(models, seed: 3, each: honest);
        for (int i = 0; i < Sequences; i++)
            run.Sequence(tokens: 96, dishonest: true);

        var report = CalibrateCommand.Report("bundled", Sequences, models, run, Machine.Here());

        report.FalsePositives.ShouldBe(0, $"{string.Join('\n', report.Rows.Where(r => r.Honest && r.Refused + r.DrawsRefused > 0))}");
        report.Holds.ShouldBeTrue($"{string.Join('\n', report.Rows.Where(r => !r.Honest))}");
        report.HonestChunks.ShouldBe(honest * report.DistinctChunks);
        report.Rows.Where(r => r.Name.StartsWith("int8", StringComparison.Ordinal)).ShouldAllBe(r => r.Chunks == report.DistinctChunks);
        report.Rows.ShouldContain(r => r.Honest && r.Equal < r.Chunks, "variations that give the same bits would show nothing");
        report.Rows.Where(r => r.Honest).ShouldAllBe(r => r.Draws > 0 && r.LargestGap < .001);
    }

    [Fact]
    public async Task Sequences_can_be_run_in_one_variation_each_so_that_no_chunk_is_counted_twice()
    {
        using var model = await BenchmarkModel.CreateAsync("bundled", 2, Cancel);
        using var models = await CalibrationModels.LoadAsync(model, Cancel);
        var run = new CalibrationRun(models, seed: 4, each: 1);
        run.Sequence(tokens: 64, dishonest: false);
        run.Sequence(tokens: 64, dishonest: false);

        var report = CalibrateCommand.Report("bundled", 2, models, run, Machine.Here());

        report.Rows.Select(r => r.Name).ShouldBe(models.Variations.Take(2).Select(v => v.Name));
        report.HonestChunks.ShouldBe(report.DistinctChunks);
    }
}
