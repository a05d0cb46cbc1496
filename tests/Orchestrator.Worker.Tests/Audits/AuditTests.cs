using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Tests.Audits;

/// <summary>Nodes audit each other's real sessions, with and without holding the shard.</summary>
public sealed class AuditTests(RealNetwork real) : IClassFixture<RealNetwork>
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    public async Task An_exact_audit_of_an_honest_stage_gets_every_committed_hash_and_every_draw(int stage, int auditor)
    {
        var report = await AuditAsync(stage, auditor, AuditMode.Exact, attempt: 10 + auditor);
        var claims = await real.ChunksAsync(stage);
        report.Class.ShouldBe(real.Receipts[stage].Class);
        report.Chunks.Select(chunk => chunk.Output!.Value).ShouldBe(claims.Select(claim => claim.Output));
        report.Draws.ShouldBe(stage == 1 ? real.Drawn.Count : 0);
        report.Gaps.ShouldBeEmpty();
        report.ComputeMicroseconds.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task A_batched_audit_of_an_honest_stage_gets_points_close_to_every_fingerprint(int stage, int auditor)
    {
        var report = await AuditAsync(stage, auditor, AuditMode.Batched, attempt: 20);
        var claims = await real.ChunksAsync(stage);
        var format = FingerprintBuilder.TypeOf(real.Network.Model.Stages[stage])!;
        foreach (var (chunk, claim) in report.Chunks.Zip(claims))
        {
            chunk.Output.ShouldBeNull();
            FingerprintPoints.TryDecode(chunk.Points!, out var points, out string? error).ShouldBeTrue(error);
            Fingerprint.TryDecode(claim.Fingerprint, points.Length, out var claimed, out error).ShouldBeTrue(error);
            var comparison = FingerprintComparison.Of(points, claimed, format);
            comparison.Mismatches.ShouldBeLessThan(8, comparison.ToString());
            comparison.MeanError.ShouldBeLessThan(1, comparison.ToString());
        }

        report.Draws.ShouldBe(stage == 1 ? real.Drawn.Count : 0);
        report.Gaps.ShouldAllBe(gap => gap.Gap < 0.01);
    }

    [Fact]
    public async Task A_swapped_token_shows_as_a_draw_with_a_gap()
    {
        int[] swapped = [.. real.Drawn];
        swapped[4] = (swapped[4] + 1) % 250;
        var report = await AuditAsync(1, 0, AuditMode.Batched, attempt: 30, change: task => task with { Draws = task.Draws! with { Tokens = swapped } });
        report.Gaps.ShouldContain(gap => gap.Position == real.PromptTokens + 4 && gap.Drawn == swapped[4] && gap.Gap > 0);
    }

    [Fact]
    public async Task Other_inputs_than_announced_make_a_report_of_failure()
    {
        var report = await AuditAsync(0, 1, AuditMode.Exact, attempt: 40, change: task => task with { Inputs = Some.Digest(5) }, succeeds: false);
        report.Failure.ShouldNotBeNull().Code.ShouldBe(FailureCodes.Internal);
        report.Chunks.ShouldBeEmpty();
    }

    [Fact]
    public async Task Tasks_that_are_forged_late_or_for_others_have_no_effect()
    {
        var task = await TaskAsync(0, 1, AuditMode.Exact, 50);
        using var forger = Some.Key(77);
        (await real.Network.DeliverAsync(1, MessageTypes.AuditTask, task, ContractsJson.Default.AuditTask, forger)).ShouldContain("DROP");
        foreach (var bad in (AuditTask[])[task with { Node = Some.Node() }, task with { ExpiresAt = DateTimeOffset.UtcNow.AddMinutes(-1) }, task with { Chunks = [] }])
            (await real.Network.DeliverAsync(1, MessageTypes.AuditTask, bad, ContractsJson.Default.AuditTask)).ShouldContain("DROP");
        (await real.Network.DeliverAsync(1, MessageTypes.AuditTask, task, ContractsJson.Default.AuditTask)).ShouldContain("SUCCESS");
        (await real.Network.DeliverAsync(1, MessageTypes.AuditTask, task, ContractsJson.Default.AuditTask)).ShouldContain("SUCCESS");
    }

    private async Task<AuditReport> AuditAsync(int stage, int auditor, AuditMode mode, int attempt, Func<AuditTask, AuditTask>? change = null, bool succeeds = true)
    {
        var task = await TaskAsync(stage, auditor, mode, attempt);
        task = change?.Invoke(task) ?? task;
        AuditChecks.Problem(task).ShouldBeNull();
        (await real.Network.DeliverAsync(auditor, MessageTypes.AuditTask, task, ContractsJson.Default.AuditTask)).ShouldContain("SUCCESS");
        var report = await real.Network.Bus.AuditMessageAsync(real.Network.Nodes[auditor].Node, MessageTypes.AuditReport, ContractsJson.Default.AuditReport, r => r.Audit == task.Audit);
        AuditChecks.Problem(report, task).ShouldBeNull();
        if (succeeds)
            report.Failure.ShouldBeNull();
        return report;
    }

    private async Task<AuditTask> TaskAsync(int stage, int auditor, AuditMode mode, int attempt)
    {
        var (blob, bytes) = await real.InputsAsync(stage);
        var commitment = real.Receipts[stage].Choices[0];
        var draws = stage == 1 ? new DrawTask(real.Assignments[0].Sampling, 0, real.Drawn) : null;
        return new AuditTask(
            AuditTask.CurrentSchema, real.Network.Nodes[auditor].Node, AuditId.Derive(real.Assignments[0].Session, stage, 0, attempt), real.Network.Manifest, stage, real.PromptTokens,
            commitment.Tokens, blob, bytes, [.. Enumerable.Range(0, commitment.Chunks)], mode, draws, RealNetwork.Soon);
    }
}
