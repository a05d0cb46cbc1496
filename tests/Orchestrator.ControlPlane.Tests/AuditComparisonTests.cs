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

    /// <summary>
    /// A draw at temperature T is of logits divided by T: a developer who biases two tokens to a tie, and asks for a temperature near 0, makes any gap he likes of the last bits
    /// that honest runs of two classes differ in.
    /// </summary>
    [Theory]
    [InlineData(0, .04, FindingKind.Same)]
    [InlineData(0, .06, FindingKind.Draws)]
    [InlineData(1, .04, FindingKind.Same)]
    [InlineData(1, .06, FindingKind.Draws)]
    [InlineData(2, .06, FindingKind.Draws)]
    [InlineData(.01, 4, FindingKind.Same)]
    [InlineData(.01, 6, FindingKind.Draws)]
    [InlineData(1e-6, 40, FindingKind.Same)]
    public void A_drawn_token_may_fall_short_by_rounded_logits_however_cold_it_was_drawn(double temperature, double gap, FindingKind expected) =>
        Compare(FingerprintPoints.Encode(Points), new SamplingParameters(temperature), new DrawGap(9, 1, 2, gap)).ShouldBe(expected);

    private static FindingKind Compare(byte[]? points, SamplingParameters? sampling = null, params DrawGap[] gaps)
    {
        var report = new AuditReport(
            AuditReport.CurrentSchema, Some.Node(), AuditId.Derive(Some.Session(), 0, 0, 0), new ExecutionClass("fake/1", "cpu", "disabled", "fma"), AuditMode.Batched,
            [new AuditedChunk(0, null, points)], gaps.Length, gaps, 1, null, DateTimeOffset.UnixEpoch);
        return AuditComparison.Batched(report, [Fingerprint.Of(Points)!.Encode()], FingerprintThresholds.Float32, FloatFormat.Float32, sampling).Kind;
    }
}
