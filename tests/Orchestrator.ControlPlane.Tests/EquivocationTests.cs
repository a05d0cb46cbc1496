using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Two answers to one assignment are proof only if nobody else can have made them.</summary>
public sealed class EquivocationTests
{
    private static readonly SigningKey Key = SigningKey.FromSeed(new byte[32]);
    private static readonly JobId Job = JobId.New(TimeProvider.System);

    [Fact]
    public void An_edge_that_signs_two_answers_over_one_receipt_is_proven_guilty()
    {
        var receipt = Signed(1, 2, 3);
        Equivocation.Proves(Result(receipt, 1, 2, 3), Result(receipt, 1, 2, 4)).ShouldBeTrue();
        Equivocation.Proves(Result(receipt, 1, 2, 3), Result(null, 1, 2, 4)).ShouldBeTrue();
    }

    [Fact]
    public void An_edge_that_ran_again_and_was_told_otherwise_is_not() =>
        Equivocation.Proves(Result(Signed(1, 2, 3), 1, 2, 3), Result(Signed(1, 2, 4), 1, 2, 4)).ShouldBeFalse();

    private static SignedMessage Signed(params int[] tokens) => MessageSigning.Seal(
        MessageTypes.Receipt,
        new Receipt(
            Receipt.CurrentSchema, Key.Node, Job, SessionId.Derive(Job, 0, 0), Digest.Of([1]), 0, new LayerRange(0, 1), Digest.Of([2]), new ExecutionClass("r", "p", "o", "i"), null,
            [new ChoiceCommitment(4, 2, Digest.Of([3]), Digest.Of([4]), Digest.Of([5]), TokenCommitments.Draws(2, tokens))], 2, 1, DateTimeOffset.UnixEpoch),
        ContractsJson.Default.Receipt,
        Key);

    private static ChainResult Result(SignedMessage? receipt, params int[] tokens) => new(
        ChainResult.CurrentSchema, Key.Node, Job, SessionId.Derive(Job, 0, 0), 0, 0, 2, [new ChoiceResult(tokens, "", FinishReason.Stop)], receipt is null ? [] : [receipt],
        new ChainTiming(1, 2, 3), null);
}
