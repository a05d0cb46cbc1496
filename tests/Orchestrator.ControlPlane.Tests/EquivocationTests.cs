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

    [Fact]
    public void A_stage_that_signed_other_outputs_for_the_same_inputs_is_found()
    {
        var first = Result(Stage(Commitment), 1, 2, 3);
        ReceiptContradiction.Find(first, Result(Stage(Commitment with { Output = Digest.Of([9]) }), 1, 2, 3)).ShouldBe([(0, Key.Node)]);
        ReceiptContradiction.Find(first, Result(Stage(Commitment with { Fingerprints = Digest.Of([9]) }), 1, 2, 3)).ShouldBe([(0, Key.Node)]);
        ReceiptContradiction.Find(first, Result(Stage(Commitment with { Draws = Digest.Of([9]) }), 1, 2, 3)).ShouldBe([(0, Key.Node)]);
    }

    /// <summary>An honest stage signs both: a session runs again after a crash, breaks off early, or is fed something else by whoever drives the chain.</summary>
    [Fact]
    public void A_stage_that_ran_a_session_again_is_not()
    {
        var first = Result(Stage(Commitment), 1, 2, 3);
        ReceiptContradiction.Find(first, Result(Stage(Commitment), 1, 2, 3)).ShouldBeEmpty();
        ReceiptContradiction.Find(first, Result(Stage(Commitment with { Input = Digest.Of([8]), Output = Digest.Of([9]) }), 1, 2, 4)).ShouldBeEmpty();
        ReceiptContradiction.Find(first, Result(Stage(Commitment with { Tokens = 3, Output = Digest.Of([9]) }), 1, 2)).ShouldBeEmpty();
        var other = Commitment with { Output = Digest.Of([9]) };
        ReceiptContradiction.Find(first, Result(Stage(other, r => r with { Class = r.Class with { Runtime = "updated" } }), 1, 2, 3)).ShouldBeEmpty();
        ReceiptContradiction.Find(first, Result(Stage(other, r => r with { Session = SessionId.Derive(Job, 0, 1) }), 1, 2, 3)).ShouldBeEmpty();
    }

    [Fact]
    public void What_another_key_signed_blames_nobody()
    {
        using var forger = SigningKey.FromSeed([.. Enumerable.Repeat((byte)7, 32)]);
        var forged = Stage(Commitment with { Output = Digest.Of([9]) }, key: forger);
        ReceiptContradiction.Find(Result(Stage(Commitment), 1, 2, 3), Result(forged, 1, 2, 3)).ShouldBeEmpty();
    }

    private static ChoiceCommitment Commitment => new(4, 2, Digest.Of([3]), Digest.Of([4]), Digest.Of([5]), Digest.Of([6]));

    private static SignedMessage Stage(ChoiceCommitment choice, Func<Receipt, Receipt>? change = null, SigningKey? key = null)
    {
        var receipt = new Receipt(
            Receipt.CurrentSchema, Key.Node, Job, SessionId.Derive(Job, 0, 0), Digest.Of([1]), 0, new LayerRange(0, 1), Digest.Of([2]), new ExecutionClass("r", "p", "o", "i"), null,
            [choice], 2, 1, DateTimeOffset.UnixEpoch);
        return MessageSigning.Seal(MessageTypes.Receipt, change?.Invoke(receipt) ?? receipt, ContractsJson.Default.Receipt, key ?? Key);
    }

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
