using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;

namespace Orchestrator.Cli;

/// <summary>
/// Runs a stage again from its evidence, as an auditor does, and compares as the platform does: every bit in the receipt's class, fingerprints in another. Of the last stage
/// it repeats the draws too, where the evidence says how they had to be made.
/// </summary>
/// <param name="bundle">Evidence that fits its receipt.</param>
/// <param name="engine">The stage's shard.</param>
/// <param name="own">Class that the engine runs in.</param>
public sealed class EvidenceReplay(EvidenceBundle bundle, IStageEngine engine, ExecutionClass own)
{
    /// <summary>Whether every bit must come out equal.</summary>
    public bool Exact { get; } = bundle.Receipt.Class == own;

    /// <summary>Whether draws are repeated.</summary>
    public bool Draws => bundle.Sampling is not null;

    /// <summary>Runs all chunks, up to the first that differs.</summary>
    /// <param name="file">The evidence; seekable.</param>
    /// <param name="cancel">Stops between passes.</param>
    /// <exception cref="InvalidDataException">The stage can be run exactly only, and this machine is of another class.</exception>
    public ReplayFinding Run(Stream file, CancellationToken cancel)
    {
        foreach (int[] chunks in Enumerable.Range(0, bundle.Chunks.Count).Chunk(AuditTask.MaxChunks))
        {
            var report = Report(file, chunks, cancel);
            var finding = Compare(report);
            if (finding.Kind == FindingKind.Unusable)
                throw new InvalidDataException(finding.Note);
            if (finding.Chunk is { } wrong)
                return new ReplayFinding(finding.Note, DisputeSubject.Outputs, wrong, report.Chunks.First(c => c.Chunk == wrong).Output);
            if (finding.Position is { } position)
            {
                int drawing = ChunkPlan.Holding(bundle.Result.PromptTokens, position - 1);
                return new ReplayFinding(finding.Note, DisputeSubject.Draws, drawing, Exact ? bundle.Chunks[drawing].Output : null);
            }
        }

        return new ReplayFinding(null, null, null, null);
    }

    private AuditReport Report(Stream file, int[] chunks, CancellationToken cancel)
    {
        file.Position = bundle.InputsAt;
        var (receipt, choice) = (bundle.Receipt, bundle.Head.Choice);
        var task = new AuditTask(
            AuditTask.CurrentSchema, receipt.Node, AuditId.Derive(receipt.Session, receipt.Stage, choice, 0), receipt.Manifest, receipt.Stage, bundle.Result.PromptTokens,
            bundle.Committed.Tokens, receipt.Shard, file.Length - bundle.InputsAt, chunks, Exact ? AuditMode.Exact : AuditMode.Batched,
            bundle.Sampling is { } sampling ? new DrawTask(sampling, choice, bundle.Result.Choices[choice].Tokens) : null, receipt.IssuedAt);
        using var run = new AuditRun(task, bundle.Model, engine, file, TimeProvider.System);
        while (run.Step())
            cancel.ThrowIfCancellationRequested();
        return run.Report(receipt.Node, own, receipt.IssuedAt);
    }

    private AuditFinding Compare(AuditReport report)
    {
        if (Exact)
            return AuditComparison.Exact(report, [.. bundle.Chunks.Select(c => c.Output)]);
        var format = FingerprintBuilder.TypeOf(bundle.Model.Stages[bundle.Head.Stage])!;
        return AuditComparison.Batched(report, [.. bundle.Chunks.Select(c => c.Fingerprint)], FingerprintThresholds.Between(bundle.Receipt.Class, own, format), format, bundle.Sampling);
    }
}

/// <summary>What a replay showed.</summary>
/// <param name="Difference">What differs, for people; null when nothing does.</param>
/// <param name="Subject">What a challenge would be about; null when nothing differs.</param>
/// <param name="Chunk">The first chunk that differs, or whose logits a token was drawn from otherwise.</param>
/// <param name="Output">What a challenge claims: what the chunk should have put out, or has put out for draws; null when fingerprints were compared, which challenge nothing.</param>
public sealed record ReplayFinding(string? Difference, DisputeSubject? Subject, int? Chunk, Digest? Output);
