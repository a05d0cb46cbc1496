using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;

namespace Orchestrator.Drill.Platform;

/// <summary>Asks for evidence, has an auditor run it again as nodes do, and compares as the platform does.</summary>
public sealed class Auditing(Engines engines, TimeProvider time)
{
    private const int PlantedMargin = 10;

    /// <summary>The stage's chunks as it serves them; null when it serves nothing that fits its receipt.</summary>
    public IReadOnlyList<ChunkClaim>? Evidence(StageWork work, out byte[] inputs)
    {
        inputs = [];
        if (!work.Node.Conduct.Serves(work) || !ChunkFile.TryRead(work.ChunkFile(), work.Commitment!, out var chunks, out _))
            return null;
        inputs = work.InputFile();
        return InputFile.Mismatch(new MemoryStream(inputs), work.Shard, work.Job.Prompt.Count, work.Commitment!) is null ? chunks : null;
    }

    /// <summary>An auditor's report on some chunks.</summary>
    /// <param name="work">The audited work.</param>
    /// <param name="inputs">Its input file.</param>
    /// <param name="claimed">What it claims; an auditor who computes never sees it.</param>
    /// <param name="drawn">Tokens of the answer.</param>
    /// <param name="chunks">Which chunks.</param>
    /// <param name="auditor">The auditor.</param>
    /// <param name="mode">How it runs them.</param>
    public AuditReport Report(
        StageWork work, byte[] inputs, IReadOnlyList<ChunkClaim> claimed, IReadOnlyList<int> drawn, IReadOnlyList<int> chunks, DrillNode auditor, AuditMode mode)
    {
        var task = Task(work, inputs, drawn, chunks, auditor, mode);
        var report = auditor.Conduct.Audit(work.Node, () => Run(task, inputs), () => Confirm(task, claimed));
        return (AuditChecks.Problem(task) ?? AuditChecks.Problem(report, task)) is { } problem ? throw new InvalidOperationException($"The audit is not valid: {problem}.") : report;
    }

    /// <summary>Compares a report with what was claimed.</summary>
    /// <param name="work">The audited work.</param>
    /// <param name="report">The auditor's report.</param>
    /// <param name="claimed">What was claimed.</param>
    /// <param name="margin">How many times as far apart as honest runs may be fingerprints count as different.</param>
    public AuditFinding Compare(StageWork work, AuditReport report, IReadOnlyList<ChunkClaim> claimed, int margin = 1)
    {
        if (report.Mode == AuditMode.Exact)
            return AuditComparison.Exact(report, [.. claimed.Select(c => c.Output)]);
        var format = FingerprintBuilder.TypeOf(work.Shard)!;
        var limits = FingerprintThresholds.Between(engines.Model.Loader.Class, report.Class, format).Times(margin);
        return AuditComparison.Batched(report, [.. claimed.Select(c => c.Fingerprint)], limits, format);
    }

    /// <summary>Inputs with an error that the platform puts there, as it does.</summary>
    public byte[] Plant(StageWork work, byte[] inputs, int chunk)
    {
        using var source = new MemoryStream(inputs);
        using var target = new MemoryStream();
        PlantedInputs.Write(source, target, engines.Model.Manifest, work.Stage, work.Job.Prompt.Count, work.Committer.Tokens, chunk);
        return target.ToArray();
    }

    /// <summary>Whether inputs give something else than claimed, far outside of the limits, when the platform's referee runs them.</summary>
    public bool Shows(StageWork work, byte[] planted, IReadOnlyList<ChunkClaim> claimed, IReadOnlyList<int> drawn, IReadOnlyList<int> chunks, DrillNode auditor, AuditMode mode) =>
        Compare(work, Run(Task(work, planted, drawn, chunks, auditor, mode), planted), claimed, PlantedMargin).Kind == FindingKind.Outputs;

    private AuditTask Task(StageWork work, byte[] inputs, IReadOnlyList<int> drawn, IReadOnlyList<int> chunks, DrillNode auditor, AuditMode mode) => new(
        AuditTask.CurrentSchema, auditor.Id, AuditId.Derive(work.Session, work.Stage, 0, 0), engines.Model.Digest, work.Stage, work.Job.Prompt.Count,
        work.Committer.Tokens, Digest.Of(inputs), inputs.Length, chunks, mode, work.IsLast ? new DrawTask(work.Job.Sampling, 0, drawn) : null, time.GetUtcNow());

    private AuditReport Run(AuditTask task, byte[] inputs)
    {
        using var file = new MemoryStream(inputs);
        using var run = new AuditRun(task, engines.Model.Manifest, engines.Of(task.Stage), file, time);
        while (run.Step())
        {
        }

        return run.Report(task.Node, engines.Model.Loader.Class, time.GetUtcNow());
    }

    private AuditReport Confirm(AuditTask task, IReadOnlyList<ChunkClaim> claimed) => new(
        AuditReport.CurrentSchema, task.Node, task.Audit, engines.Model.Loader.Class, task.Mode,
        Confirmation.Of(task.Mode, task.Chunks, claimed), 0, [], 0, null, time.GetUtcNow());
}
