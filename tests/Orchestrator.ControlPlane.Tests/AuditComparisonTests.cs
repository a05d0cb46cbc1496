using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

public sealed class AuditComparisonTests
{
    private static readonly FingerprintPoint[] Points = [.. Enumerable.Range(0, Fingerprint.Points).Select(i => new FingerprintPoint((uint)i * 3, 1_000 + i))];

    [Fact]
    public void Points_near_the_fingerprint_are_the_same() => Compare(FingerprintPoints.Encode(Points)).ShouldBe(FindingKind.Same);

    [Fact]
    public void Points_that_lie_elsewhere_are_another_output() =>
        Compare(FingerprintPoints.Encode([.. Points.Select(p => p with { Value = p.Value + 5_000 })])).ShouldBe(FindingKind.Outputs);

    /// <summary>Or an auditor that says nothing would pass everything.</summary>
    [Fact]
    public void A_report_without_points_compares_nothing_and_is_worth_nothing()
    {
        Compare(null).ShouldBe(FindingKind.Unusable);
        Compare([]).ShouldBe(FindingKind.Unusable);
    }

    private static FindingKind Compare(byte[]? points)
    {
        var report = new AuditReport(
            AuditReport.CurrentSchema, Some.Node(), AuditId.Derive(Some.Session(), 0, 0, 0), new ExecutionClass("fake/1", "cpu", "disabled", "fma"), AuditMode.Batched,
            [new AuditedChunk(0, null, points)], 0, [], 1, null, DateTimeOffset.UnixEpoch);
        return AuditComparison.Batched(report, [Fingerprint.Of(Points)!.Encode()], FingerprintThresholds.Float32, FloatFormat.Float32).Kind;
    }
}
