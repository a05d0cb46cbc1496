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
/// <param name="Unseen">Of each stage, the share of decoded tokens none of whose values is in its chunk's fingerprint: what it put out for them shows in bits alone.</param>
internal sealed record AuditRound(IReadOnlyList<TimeSpan> Spent, int Mismatches, double MeanError, int Differences, double Gap, int WrongHashes, IReadOnlyList<double> Unseen)
{
    /// <summary>Audits every stage of an honest job.</summary>
    internal static AuditRound Run(ModelManifest model, IReadOnlyList<IStageEngine> engines, RecordedJob job, AuditMode mode)
    {
        var spent = new List<TimeSpan>();
        var comparisons = new List<FingerprintComparison>();
        var gaps = new List<DrawGap>();
        var unseen = new List<double>();
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
            int values = stage == engines.Count - 1 ? model.Vocabulary : (int)engine.Shard.Sends.Where(s => s.Spec.ElementType == FingerprintBuilder.TypeOf(engine.Shard)!.Type).Sum(s => s.Spec.BytesPerToken) / sizeof(float);
            int tokens = 0, seen = 0;
            foreach (var (chunk, claim) in report.Chunks.Zip(claims))
            {
                var place = ChunkPlan.At(job.PromptTokens, job.Tokens, chunk.Chunk);
                if (!place.Prefill && chunk.Points is { } all && FingerprintPoints.TryDecode(all, out var largest, out _))
                    (tokens, seen) = (tokens + place.Tokens, seen + largest.Select(p => p.Index / values).Distinct().Count());
                wrong += chunk.Output is { } output && output != claim.Output ? 1 : 0;
                if (chunk.Points is { } bytes && FingerprintPoints.TryDecode(bytes, out var points, out _) && Fingerprint.TryDecode(claim.Fingerprint, points.Length, out var claimed, out _))
                    comparisons.Add(FingerprintComparison.Of(points, claimed, FingerprintBuilder.TypeOf(engine.Shard)!));
            }

            unseen.Add(tokens == 0 ? 0 : 1 - (double)seen / tokens);
        }

        return new(spent, comparisons.Max(c => c.Mismatches), comparisons.Max(c => c.MeanError), gaps.Count, gaps.Count == 0 ? 0 : gaps.Max(gap => gap.Gap), wrong, unseen);
    }
}
