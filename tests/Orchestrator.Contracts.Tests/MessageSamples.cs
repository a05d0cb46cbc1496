using Orchestrator.TestKit;

namespace Orchestrator.Contracts.Tests;

/// <summary>Sound messages of audits and disputes, for tests to damage.</summary>
internal static class MessageSamples
{
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddDays(1);
    private static readonly ExecutionClass Class = new("onnxruntime/1.31.1", "cpu", "disabled", "fma");

    public static DisputeId Dispute => DisputeId.Derive(Some.Session(), 1, 0, Some.Node(2));

    public static AuditId Audit => AuditId.Derive(Some.Session(), 1, 0, 0);

    public static AuditTask AuditTask => new(
        1, Some.Node(), Audit, Some.Digest(), 1, 5, 40, Some.Digest(2), 4_000, [0, 1], AuditMode.Exact, new(new(0.7, Seed: 9), 0, [3, 1, 4]), Time);

    public static AuditReport AuditReport => new(
        1, Some.Node(), Audit, Class, AuditMode.Exact, [new(0, Some.Digest(3), null), new(1, Some.Digest(4), Some.Bytes(768))], 3, [new(6, 1, 7, 0.25)], 99, null, Time);

    public static TraceQuery TraceQuery => new(
        1, Some.Node(), Dispute, Some.Session(), Some.Digest(), 1, 0, 5, 40, 1, Some.Digest(2), 4_000, TraceQuestion.States, [0, 10, 40], Time);

    public static TraceStates TraceStates => new(1, Some.Node(), Dispute, Class, 20, 60, [0, 10, 40], [Some.Digest(5), Some.Digest(6), Some.Digest(7)], Time);

    public static TraceLeaf TraceLeaf => new(1, Some.Node(), Dispute, 10, [Some.Digest(8)], [Some.Digest(9), Some.Digest(10)], Time);

    public static RefereeTask RefereeTask => new(
        1, Some.Node(), Dispute, 0, Some.Digest(), 1, 5, 40, 1, RefereeQuestion.Step, 10, Some.Digest(11), Some.Digest(12), Some.Digest(13), Some.Digest(14), 5_000,
        null, 0, null, Class, Time);

    public static RefereeVerdict RefereeVerdict => new(
        1, Some.Node(), Dispute, 0, RefereeQuestion.Step, RefereeOutcome.Challenger, 20, Some.Digest(13), Class, "MatMul 'x'", 77, Time);
}
