using CsCheck;
using Orchestrator.Core.Economics;

namespace Orchestrator.Core.Tests.Economics;

public sealed class ExactShareTests
{
    /// <summary>Whatever the job, the load and the slash: a bond that deters the open cheat deters one that hides, if so many audits are exact.</summary>
    [Fact]
    public void A_bond_that_deters_open_cheats_deters_hidden_ones() => Gen.Select(
        Gen.Long[1, 1_000_000], Gen.Double[.1, 1], Gen.Double[0, 1], Gen.Double[0, 1_000], Gen.Double[.2, 1], Gen.Double[0, .9], Gen.Double[.05, 1], Gen.Double[.001, 1]).Sample(
        (reward, saving, hidden, open, power, collusion, slash, rate) =>
        {
            var terms = new DeterrenceTerms(reward, (long)Math.Ceiling(reward * saving), open, power, collusion, slash);
            if (BondCalculator.SmallestBond(terms, rate) is not { } bond)
                return;
            double share = ExactShare.Smallest(hidden * saving, saving, power);
            var behind = terms with { Saving = (long)Math.Floor(reward * hidden * saving), DetectorPower = 1 };

            double gain = Deterrence.BestGain(behind, rate * share, bond);

            (behind.Saving == 0 || gain <= 1e-6 * bond).ShouldBeTrue($"{gain} at a bond of {bond}");
        });

    [Fact]
    public void It_is_the_hidden_part_of_the_saving()
    {
        ExactShare.Smallest(.1, .8, 1).ShouldBe(.125, 1e-12);
        ExactShare.Smallest(0, .8, .99).ShouldBe(0);
        Should.Throw<ArgumentOutOfRangeException>(() => ExactShare.Smallest(.9, .8, .99));
    }
}
