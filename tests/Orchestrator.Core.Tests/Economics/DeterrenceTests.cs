using CsCheck;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Economics;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Tests.Economics;

public sealed class DeterrenceTests
{
    private static readonly Standing Good = new(1, .96, .04, 1000, true);

    private static readonly Gen<DeterrenceTerms> AnyTerms = Gen.Select(Gen.Long[1_000, 100_000], Gen.Double[.1, 1], Gen.Int[0, 200], Gen.Double[.5, 1], Gen.Double[0, .5], Gen.Double[.05, 1])
        .Select((reward, saving, open, d, r, f) => new DeterrenceTerms(reward, (long)(reward * saving), open, d, r, f));

    [Fact]
    public void One_job_at_a_time_and_all_the_stake_at_risk_gives_the_figure_of_the_literature() =>
        BondCalculator.SmallestBond(new(1_200_000, 1_000_000, OpenJobs: 0, DetectorPower: .99, CollusionShare: .2, SlashShare: 1), rate: .05)
            .ShouldBe(24_052_526); // S >= C / (p(1-r)d) - R = 24.05 for C = 1, R = 1.2

    [Fact]
    public void The_bond_is_the_smallest() => Gen.Select(AnyTerms, Gen.Double[.005, 1]).Sample((terms, rate) =>
    {
        long bond = BondCalculator.SmallestBond(terms, rate)!.Value;
        Deterrence.BestGain(terms, rate, bond).ShouldBeLessThanOrEqualTo(1e-6 * bond);
        if (bond > 0)
            Deterrence.BestGain(terms, rate, bond * .999 - 1).ShouldBeGreaterThan(0);
    });

    /// <summary>Exact expectation over all that can happen to a cheater that stops by itself after m jobs: no m pays at the bond, some m does below it.</summary>
    [Fact]
    public void No_stopping_rule_pays_at_the_bond_and_one_does_below_it() => Gen.Select(AnyTerms, Gen.Double[.02, .5]).Sample((terms, rate) =>
    {
        double q = terms.Catching(rate), bond = BondCalculator.SmallestBond(terms, rate)!.Value;
        if (bond == 0)
            return;
        int forever = (int)(terms.OpenJobs + 40 / q);
        foreach (int most in new[] { 1, 2, 5, 20, 100, forever })
            Expected(terms, q, bond, most).ShouldBeLessThanOrEqualTo(1e-6 * bond);
        // Where the lone cheat binds, cheating one at a time is the better deviation.
        // A bond is a whole number: one of two micro-credits may be nearly twice what it had to be.
        double less = bond * .97 - 1;
        double best = Math.Max(Expected(terms, q, less, forever), Expected(terms with { OpenJobs = 0 }, q, less, forever));
        best.ShouldBeGreaterThan(0);
    }, iter: 200);

    [Fact]
    public void The_load_limit_and_the_bond_agree() => Gen.Select(AnyTerms, Gen.Double[.02, 1]).Sample((terms, rate) =>
    {
        long bond = BondCalculator.SmallestBond(terms, rate)!.Value;
        double most = BondCalculator.MostOpenJobs(terms, rate, bond);
        most.ShouldBeGreaterThanOrEqualTo(terms.OpenJobs * (1 - 1e-6));
        if (most < BondCalculator.MostConsidered)
            Deterrence.Gain(terms, rate, bond, most * 1.01 + 1).ShouldBeGreaterThan(0);
    });

    [Fact]
    public void Without_audits_no_bond_deters_and_a_job_that_saves_nothing_needs_none()
    {
        var terms = new DeterrenceTerms(100, 50, 1, 1, 0, 1);

        BondCalculator.SmallestBond(terms, 0).ShouldBeNull();
        BondCalculator.SmallestBond(terms with { SlashShare = 0 }, .01).ShouldBeNull();
        BondCalculator.SmallestBond(terms with { Saving = 0 }, 0).ShouldBe(0);
    }

    [Fact]
    public void Less_stake_more_open_jobs_dearer_jobs_and_worse_reputation_mean_more_audits()
    {
        double Rate(long stake = 1_000_000, long reward = 1_000, long open = 50_000, Standing? standing = null) =>
            AuditRate.For(AuditPolicy.Default, reward, open, stake, .375, standing ?? Good).Rate;

        double usual = Rate();
        usual.ShouldBeInRange(AuditPolicy.Default.Floor, 1);
        Rate(stake: 300_000).ShouldBeGreaterThan(usual);
        Rate(stake: 300_000, open: 100_000).ShouldBeGreaterThan(Rate(stake: 300_000));
        Rate(reward: 20_000).ShouldBeGreaterThan(usual);
        Rate(standing: Good with { Vetted = false }).ShouldBeGreaterThan(usual);
        Rate(standing: Good with { Score = .97 }).ShouldBeGreaterThan(usual);
        Rate(stake: 1_000_000_000).ShouldBe(AuditPolicy.Default.Floor);
        AuditRate.For(AuditPolicy.Default, 1_000, 50_000, 100, .375, Good).ShouldSatisfyAllConditions(d => d.Deterred.ShouldBeFalse(), d => d.Rate.ShouldBe(1));
    }

    [Fact]
    public void The_rate_is_where_cheating_stops_to_pay() => Gen.Select(Gen.Long[1_000, 50_000], Gen.Long[0, 500_000], Gen.Long[0, 3_000_000]).Sample((reward, open, stake) =>
    {
        var decision = AuditRate.For(AuditPolicy.Default, reward, open, stake, .375, Good);
        var terms = AuditRate.Terms(AuditPolicy.Default, reward, open, .375);
        (Deterrence.BestGain(terms, decision.Rate, stake) <= 0).ShouldBe(decision.Deterred);
        if (decision.Deterred && decision.Needed > AuditPolicy.Default.Floor)
            Deterrence.BestGain(terms, decision.Needed * .99, stake).ShouldBeGreaterThan(0);
    });

    private static double Expected(DeterrenceTerms terms, double q, double bond, int most)
    {
        double total = 0, reached = 1;
        for (int k = 1; k <= most; k++)
        {
            // The k-th is the first that will be proven: as many as still fit follow before the node is barred.
            double n = Math.Min(terms.OpenJobs, most - k);
            double loss = 1 - (1 - terms.SlashShare) * Math.Pow(1 - q * terms.SlashShare, n);
            total += reached * q * (terms.Saving * (k + n) - terms.Reward * (1 + q * n) - bond * loss);
            reached *= 1 - q;
        }

        return total + reached * terms.Saving * most;
    }
}
