using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Tests.Reputation;

public sealed class ReputationTests
{
    private static readonly ReputationRule Rule = ReputationRule.Correctness;

    [Fact]
    public void Forty_one_failures_in_a_row_bar_and_it_takes_1391_successes_to_get_from_there_to_99_percent()
    {
        var score = BetaReputation.Newcomer(Rule, Given.Now);
        int failures = 0;
        for (; !score.Standing(Rule, Given.Now).Barred; failures++)
            score = score.Observe(good: false, Rule, Given.Now);
        failures.ShouldBe(41);

        int successes = 0;
        for (; score.Score < .99; successes++)
            score = score.Observe(good: true, Rule, Given.Now);
        successes.ShouldBe(1391);
    }

    [Fact]
    public void Time_fades_what_was_observed_towards_a_newcomer()
    {
        var bad = Enumerable.Range(0, 30).Aggregate(BetaReputation.Newcomer(Rule, Given.Now), (r, _) => r.Observe(false, Rule, Given.Now));
        double then = bad.Score, later = bad.Standing(Rule, Given.Now + Rule.HalfLife).Score;

        later.ShouldBeInRange(then, 1);
        (1 - later).ShouldBe((1 - then) / 2, 1e-3);
        bad.At(Given.Now.AddDays(-1), Rule).ShouldBeSameAs(bad);
    }

    [Fact]
    public void The_distance_shown_is_the_one_that_decides()
    {
        var standing = new Standing(.95, .96, .95 - .96, 10, false);

        standing.Barred.ShouldBeTrue();
        BetaReputation.Newcomer(Rule, Given.Now).Standing(Rule, Given.Now).ShouldSatisfyAllConditions(s => s.Distance.ShouldBe(.04, 1e-12), s => s.Vetted.ShouldBeFalse());
    }

    [Fact]
    public void An_observation_counts_once_and_absence_never_touches_correctness()
    {
        var rules = ReputationRules.Default;
        var fresh = NodeReputation.Newcomer(rules, Given.Now);
        var away = Enumerable.Range(0, 100).Aggregate(fresh, (r, i) => r.Observe(new($"a{i}", ObservationKind.Absent, Given.Now), rules, Given.Now));

        away.Correctness.ShouldBe(fresh.Correctness);
        away.MayWork(rules, Given.Now).ShouldBeFalse();
        away.Observe(new("a1", ObservationKind.Absent, Given.Now), rules, Given.Now).ShouldBeSameAs(away);
        away.MayWork(rules, Given.Now.AddDays(7)).ShouldBeTrue("absence is forgotten");
    }
}
