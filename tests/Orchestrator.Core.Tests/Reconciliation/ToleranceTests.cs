using Orchestrator.Contracts;
using Orchestrator.Core.Reconciliation;

namespace Orchestrator.Core.Tests.Reconciliation;

/// <summary>Chains of different classes agree when each stands up to being run again by the other, and only then.</summary>
public sealed class ToleranceTests
{
    private static readonly ExecutionClass Other = Given.Class with { Instructions = "none" };

    /// <summary>As honest chains of two classes are after a near-tie: nothing of the answer is equal.</summary>
    private static readonly ChainOutcome[] Two = [Chains.Honest(0), Chains.Honest(1, "flipped", Other)];

    [Fact]
    public void They_have_to_run_each_other_again_before_anything_is_said()
    {
        var result = ChainReconciler.Reconcile(Two, 2, 3);

        result.Verdict.ShouldBe(Verdict.NeedsComparison);
        result.ToCompare.ShouldBe([new ToCompare(0, 1), new ToCompare(1, 0)]);
        result.Differences.ShouldBeEmpty();
        ChainReconciler.Reconcile([Chains.Honest(0), Chains.Honest(1, @class: Other)], 2, 3).Verdict.ShouldBe(Verdict.NeedsComparison, "equal tokens say nothing of the weights");
        ChainReconciler.Reconcile(Two, 2, 3, [Within(0, 1)]).ToCompare.ShouldBe([new ToCompare(1, 0)]);
    }

    [Fact]
    public void Other_tokens_within_tolerance_agree_and_nobody_is_blamed()
    {
        var result = ChainReconciler.Reconcile(Two, 2, 3, [Within(0, 1), Within(1, 0)]);

        result.Verdict.ShouldBe(Verdict.Agreed);
        result.Agreed.ShouldBe([0, 1]);
        result.Blames.ShouldBeEmpty();
    }

    [Fact]
    public void Beyond_tolerance_one_way_they_differ_and_a_third_chain_decides()
    {
        ToleranceFinding[] found = [Within(0, 1), Beyond(1, 0)];
        var third = Chains.Honest(2);

        var two = ChainReconciler.Reconcile(Two, 2, 3, found);
        var three = ChainReconciler.Reconcile([.. Two, third], 2, 3, found);

        two.Verdict.ShouldBe(Verdict.NeedsThird);
        two.Differences.ShouldHaveSingleItem().ShouldSatisfyAllConditions(d => d.Kind.ShouldBe(DifferenceKind.Tolerance), d => d.Message.ShouldContain("doubt"));
        three.Verdict.ShouldBe(Verdict.Agreed, "the first and the third are of one class, and equal");
        three.Agreed.ShouldBe([0, 2]);
        three.Blames.ShouldBeEmpty("roots of another class prove nothing");
        ChainReconciler.Reconcile(Two, 2, 2, found).Verdict.ShouldBe(Verdict.NeedsReferee);
    }

    [Fact]
    public void A_finding_is_of_the_attempt_it_was_made_of()
    {
        var again = Two[1] with { Expected = Two[1].Expected with { Attempt = 1 } };
        again = again.WithResult(r => r with { Attempt = 1, Session = again.Expected.Session });
        for (int stage = 0; stage < Chains.Stages; stage++)
            again = again.WithReceipt(stage, r => r with { Session = again.Expected.Session });

        ChainReconciler.Reconcile([Two[0], again], 2, 3, [Within(0, 1), Within(1, 0)]).Verdict.ShouldBe(Verdict.NeedsComparison);
    }

    [Fact]
    public void Chains_of_one_class_need_no_comparison_with_a_slower_one_of_another()
    {
        ChainReconciler.Reconcile([Chains.Honest(0), Chains.Honest(1), Chains.Honest(2, @class: Other)], 2, 3).Agreed.ShouldBe([0, 1]);
        ChainReconciler.Reconcile([Chains.Honest(0), Chains.Silent(1), Chains.Honest(2, @class: Other)], 3, 3).Verdict.ShouldNotBe(Verdict.NeedsComparison);
    }

    private static ToleranceFinding Within(int chain, int by) => new(Session(chain), Session(by), true, "within");

    private static ToleranceFinding Beyond(int chain, int by) => new(Session(chain), Session(by), false, "a doubt");

    private static SessionId Session(int chain) => SessionId.Derive(Chains.Job, chain, 0);
}
