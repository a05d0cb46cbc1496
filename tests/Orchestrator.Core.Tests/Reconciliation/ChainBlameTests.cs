using Orchestrator.Core.Reconciliation;

namespace Orchestrator.Core.Tests.Reconciliation;

public sealed class ChainBlameTests
{
    private static readonly ChainOutcome Truth = Chains.Honest(0);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_stage_that_computes_something_else_is_named(int stage)
    {
        var result = ChainReconciler.Reconcile([Truth, Chains.Honest(1).WrongFrom(stage), Chains.Honest(2)], 2, 3);

        result.Blames.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            b => b.Chain.ShouldBe(1), b => b.Blame.Kind.ShouldBe(BlameKind.Computed), b => b.Blame.Stage.ShouldBe(stage), b => b.Blame.Provable.ShouldBeTrue());
    }

    [Fact]
    public void A_sender_that_signs_another_output_is_named_though_the_receiver_got_the_right_one()
    {
        var accused = Chains.Honest(1).WithReceipt(0, r => r.WithCommitment(c => c with { Output = Given.DigestOf("lie") }));

        ChainBlame.ByRoots(accused, Truth, 0).ShouldSatisfyAllConditions(b => b.Kind.ShouldBe(BlameKind.Computed), b => b.Stage.ShouldBe(0));
        ChainReconciler.Reconcile([Truth, accused, Chains.Honest(2)], 2, 3).Blames.ShouldHaveSingleItem().Blame.Stage.ShouldBe(0);
    }

    [Fact]
    public void A_receiver_that_signs_another_input_is_named_with_its_sender_and_that_is_no_proof()
    {
        var accused = Chains.Honest(1).WithReceipt(1, r => r.WithCommitment(c => c with { Input = Given.DigestOf("lie"), Output = Given.DigestOf("of the lie") }));

        ChainBlame.ByRoots(accused, Truth, 0).ShouldSatisfyAllConditions(
            b => b.Kind.ShouldBe(BlameKind.Receiver), b => b.Stage.ShouldBe(1), b => b.OtherEnd.ShouldBe(0), b => b.Provable.ShouldBeFalse());
    }

    [Fact]
    public void A_wrong_draw_from_right_outputs_is_the_last_stages()
    {
        var lie = Given.DigestOf("lie");
        var accused = Chains.Honest(1).WithReceipt(2, r => r.WithCommitment(c => c with { Draws = lie }));
        accused = accused with { Opened = accused.Opened! with { Tokens = [accused.Opened.Tokens[0] with { Draws = lie }] } };

        ChainBlame.ByRoots(accused, Truth, 0).ShouldSatisfyAllConditions(b => b.Kind.ShouldBe(BlameKind.Drawn), b => b.Stage.ShouldBe(2));
    }

    [Fact]
    public void An_edge_that_swaps_a_token_contradicts_itself_or_stands_alone_against_the_last_stage()
    {
        var lie = new TokenRoots(Given.DigestOf("lie"), Given.DigestOf("lie"));
        var opened = Chains.Honest(1).Opened!;

        ChainBlame.ByRoots(Chains.Honest(1) with { Opened = opened with { Tokens = [lie] } }, Truth, 0).Kind.ShouldBe(BlameKind.Contradicted);
        ChainBlame.ByRoots(Chains.Honest(1) with { Opened = opened with { Tokens = [lie with { Input = opened.Tokens[0].Input }] } }, Truth, 0)
            .ShouldSatisfyAllConditions(b => b.Kind.ShouldBe(BlameKind.Receiver), b => b.Stage.ShouldBe(0), b => b.OtherEnd.ShouldBe(2));
    }

    [Fact]
    public void When_tokens_differ_roots_do_not_tell_and_the_chunk_of_the_first_that_does_is_named()
    {
        ChainBlame.ByRoots(Chains.Honest(1, "other"), Truth, 0).ShouldSatisfyAllConditions(b => b.Kind.ShouldBe(BlameKind.Diverged), b => b.Stage.ShouldBeNull(), b => b.Chunk.ShouldBe(0));
        ChainBlame.ByRoots(Chains.Honest(1, "trust"), Truth, 0).ShouldSatisfyAllConditions(b => b.Kind.ShouldBe(BlameKind.Diverged), b => b.Chunk.ShouldBe(1));
        ChainBlame.ByRoots(Chains.Honest(1, "truths"), Truth, 0).Kind.ShouldBe(BlameKind.Undecided, "one is the start of the other");
    }

    [Fact]
    public void Classes_that_differ_are_left_to_the_referee() =>
        ChainBlame.ByRoots(Chains.Honest(1, @class: Given.Class with { Instructions = "none" }), Truth, 0).Kind.ShouldBe(BlameKind.Undecided);
}
