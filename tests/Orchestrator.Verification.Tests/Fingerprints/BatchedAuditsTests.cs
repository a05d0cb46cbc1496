using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests.Fingerprints;

public sealed class BatchedAuditsTests
{
    private static readonly TensorSpec Hidden = new(ElementType.Float32, [TensorSizes.Batch, TensorSizes.Sequence, 8], 32);

    [Fact]
    public void Floats_that_grow_with_the_tokens_can_be_batched() => Problem(Hidden).ShouldBeEmpty();

    [Fact]
    public void What_has_no_fingerprint_cannot()
    {
        Problem(Hidden with { ElementType = ElementType.Int64 }).ShouldContain("has no fingerprint");
        Problem(Hidden, Hidden with { ElementType = ElementType.Int32 }).ShouldContain("'out.1'");
        Problem(Hidden, Hidden with { ElementType = ElementType.Float16 }).ShouldContain("'out.1'", customMessage: "a fingerprint is of one type");
    }

    [Fact]
    public void What_cannot_be_joined_over_passes_cannot()
    {
        Problem(Hidden with { Shape = [4] }).ShouldContain("cannot be joined");
        Problem(Hidden with { Shape = [TensorSizes.Batch, TensorSizes.Sequence, TensorSizes.Total] }).ShouldContain("cannot be joined");
    }

    private static string Problem(params TensorSpec[] sends) =>
        BatchedAudits.Problem(new FakeModel().Manifest.Stages[0] with { Sends = [.. sends.Select((spec, i) => new BoundaryTensor($"out.{i}", true, spec))] }) ?? "";
}
