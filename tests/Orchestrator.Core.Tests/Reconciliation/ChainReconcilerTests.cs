using Orchestrator.Contracts;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.Core.Tests.Reconciliation;

public sealed class ChainReconcilerTests
{
    [Fact]
    public void Two_equal_chains_agree()
    {
        var result = ChainReconciler.Reconcile([Chains.Honest(0), Chains.Honest(1)], required: 2, mostChains: 3);

        result.Verdict.ShouldBe(Verdict.Agreed);
        result.Agreed.ShouldBe([0, 1]);
        result.Differences.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_difference_names_the_first_stage_and_asks_for_a_third_chain(int stage)
    {
        var result = ChainReconciler.Reconcile([Chains.Honest(0), Chains.Honest(1).WrongFrom(stage)], 2, 3);

        result.Verdict.ShouldBe(Verdict.NeedsThird);
        var difference = result.Differences.ShouldHaveSingleItem();
        difference.Kind.ShouldBe(DifferenceKind.Output);
        difference.Stage.ShouldBe(stage);
    }

    [Fact]
    public void A_third_chain_breaks_the_tie_and_the_odd_one_is_not_among_those_to_pay()
    {
        var result = ChainReconciler.Reconcile([Chains.Honest(0), Chains.Honest(1, "lie"), Chains.Honest(2)], 2, 3);

        result.Verdict.ShouldBe(Verdict.Agreed);
        result.Agreed.ShouldBe([0, 2]);
        result.Chains.Single(c => c.Chain == 1).Agreed.ShouldBeFalse();
        result.Differences.Select(d => (d.ChainA, d.ChainB)).ShouldBe([(0, 1), (1, 2)]);
    }

    [Fact]
    public void Three_different_answers_are_a_disagreement() =>
        ChainReconciler.Reconcile([Chains.Honest(0, "a"), Chains.Honest(1, "b"), Chains.Honest(2, "c")], 2, 3).Verdict.ShouldBe(Verdict.NeedsReferee);

    [Fact]
    public void Two_against_two_is_a_disagreement() =>
        ChainReconciler.Reconcile([Chains.Honest(0, "a"), Chains.Honest(1, "b"), Chains.Honest(2, "b"), Chains.Honest(3, "a")], 2, 4).Verdict.ShouldBe(Verdict.NeedsReferee);

    [Fact]
    public void An_invalid_result_does_not_count_and_a_third_chain_replaces_it()
    {
        var forged = Chains.Honest(1).WithOpened(2, r => r with { Signer = Given.NodeOf("thief") });

        var two = ChainReconciler.Reconcile([Chains.Honest(0), forged], 2, 3);
        var three = ChainReconciler.Reconcile([Chains.Honest(0), forged, Chains.Honest(2)], 2, 3);

        two.Verdict.ShouldBe(Verdict.NeedsThird);
        two.Chains[1].Faults.ShouldHaveSingleItem().Stage.ShouldBe(2);
        three.Verdict.ShouldBe(Verdict.Agreed);
        three.Agreed.ShouldBe([0, 2]);
    }

    [Fact]
    public void One_chain_is_enough_without_redundancy()
    {
        ChainReconciler.Reconcile([Chains.Honest(0)], 1, 1).Verdict.ShouldBe(Verdict.Agreed);
        ChainReconciler.Reconcile([Chains.Silent(0)], 1, 1).Verdict.ShouldBe(Verdict.Failed);
    }

    [Fact]
    public void Too_few_valid_results_and_no_chain_left_is_a_failure_with_the_common_code()
    {
        var result = ChainReconciler.Reconcile([Chains.Failed(0, FailureCodes.Expired), Chains.Failed(1, FailureCodes.Expired)], 2, 2);

        result.Verdict.ShouldBe(Verdict.Failed);
        result.FailureCode.ShouldBe(FailureCodes.Expired);
        ChainReconciler.Reconcile([Chains.Failed(0, FailureCodes.Expired), Chains.Silent(1)], 2, 2).FailureCode.ShouldBeNull();
    }

    [Fact]
    public void A_prompt_that_does_not_fit_fails_at_once_when_enough_chains_say_so()
    {
        ChainReconciler.Reconcile([Chains.Failed(0, FailureCodes.ContextExceeded), Chains.Failed(1, FailureCodes.ContextExceeded)], 2, 3)
            .ShouldSatisfyAllConditions(r => r.Verdict.ShouldBe(Verdict.Failed), r => r.FailureCode.ShouldBe(FailureCodes.ContextExceeded));
        ChainReconciler.Reconcile([Chains.Failed(0, FailureCodes.ContextExceeded), Chains.Honest(1)], 2, 3).Verdict.ShouldBe(Verdict.NeedsThird);
    }

    [Fact]
    public void A_stage_in_the_middle_must_be_equal_within_one_class()
    {
        var odd = Given.DigestOf("other rounding");
        var inner = Chains.Honest(1)
            .WithReceipt(0, r => r.WithCommitment(c => c with { Output = odd }))
            .WithReceipt(1, r => r.WithCommitment(c => c with { Input = odd }));

        ChainReconciler.Reconcile([Chains.Honest(0), inner], 2, 2).ShouldSatisfyAllConditions(
            r => r.Verdict.ShouldBe(Verdict.NeedsReferee), r => r.Differences.Single().Stage.ShouldBe(0));
    }

    [Fact]
    public void An_edge_that_changes_the_answer_but_not_the_commitments_is_found_out()
    {
        var text = Chains.Honest(1).WithResult(r => r with { Choices = [r.Choices[0] with { Text = "something else" }] });
        var tokens = Chains.Honest(1).WithResult(r => r with { Choices = [r.Choices[0] with { Tokens = [.. r.Choices[0].Tokens.Select(t => t + 1)] }] });
        var prompt = Chains.Honest(1).WithResult(r => r with { PromptTokens = r.PromptTokens - 1, Choices = [r.Choices[0] with { Tokens = [1, .. r.Choices[0].Tokens] }] });

        Kind(text).ShouldBe(DifferenceKind.Text);
        Kind(tokens).ShouldBe(DifferenceKind.Tokens);
        Kind(prompt).ShouldBe(DifferenceKind.Prompt);

        static DifferenceKind Kind(ChainOutcome changed) => ChainReconciler.Reconcile([Chains.Honest(0), changed], 2, 2).Differences.ShouldHaveSingleItem().Kind;
    }
}
