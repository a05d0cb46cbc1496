using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;

namespace Orchestrator.Benchmarks.Verify;

/// <summary>What auditing every stage of a job took, and how far the results were off.</summary>
/// <param name="Spent">Processor time of each stage's audit: runtime, fingerprints or hashes, draws.</param>
/// <param name="Mismatches">Most mismatching points of a chunk.</param>
/// <param name="MeanError">Largest mean error of a chunk.</param>
/// <param name="Differences">Draws that came out otherwise.</param>
/// <param name="Gap">Their largest gap.</param>
/// <param name="WrongHashes">Chunks whose hash differs.</param>
internal sealed record AuditRound(IReadOnlyList<TimeSpan> Spent, int Mismatches, double MeanError, int Differences, double Gap, int WrongHashes)
{
    /// <summary>Audits every stage of an honest job.</summary>
    internal static AuditRound Run(ModelManifest model, IReadOnlyList<IStageEngine> engines, RecordedJob job, AuditMode mode)
    {
        var spent = new List<TimeSpan>();
        var comparisons = new List<FingerprintComparison>();
        var gaps = new List<DrawGap>();
        int wrong = 0;
        foreach (var engine in engines)
        {
            int stage = engine.Shard.Stage;
            var claims = job.Chunks[stage];
            var task = new AuditTask(
                AuditTask.CurrentSchema, Some.Node(), AuditId.Derive(Some.Session(), stage, 0, 0), Some.Digest(), stage, job.PromptTokens, job.Tokens, Some.Digest(), job.Inputs[stage].Length,
                [.. Enumerable.Range(0, claims.Count)], mode, stage == engines.Count - 1 ? new DrawTask(job.Sampling, 0, job.Drawn) : null, DateTimeOffset.MaxValue);
            using var inputs = new MemoryStream(job.Inputs[stage]);
            var began = ProcessorTime.Now;
            using var run = new AuditRun(task, model, engine, inputs, TimeProvider.System);
            while (run.Step())
            {
            }

            spent.Add(ProcessorTime.Since(began));
            var report = run.Report(task.Node, Court.Class, DateTimeOffset.UtcNow);
            gaps.AddRange(report.Gaps);
            foreach (var (chunk, claim) in report.Chunks.Zip(claims))
            {
                wrong += chunk.Output is { } output && output != claim.Output ? 1 : 0;
                if (chunk.Points is { } bytes && FingerprintPoints.TryDecode(bytes, out var points, out _) && Fingerprint.TryDecode(claim.Fingerprint, points.Length, out var claimed, out _))
                    comparisons.Add(FingerprintComparison.Of(points, claimed, FingerprintBuilder.TypeOf(engine.Shard)!));
            }
        }

        return new(spent, comparisons.Max(c => c.Mismatches), comparisons.Max(c => c.MeanError), gaps.Count, gaps.Count == 0 ? 0 : gaps.Max(gap => gap.Gap), wrong);
    }
}
