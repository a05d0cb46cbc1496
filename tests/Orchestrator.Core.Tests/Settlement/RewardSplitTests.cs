using CsCheck;
using Orchestrator.Core.Pricing;
using Orchestrator.Core.Settlement;

namespace Orchestrator.Core.Tests.Settlement;

public sealed class RewardSplitTests
{
    [Fact]
    public void Hosts_are_paid_by_layers_and_tokens_after_the_fee()
    {
        var rewards = RewardSplit.Split(Given.JobOf(1), 1000, new PriceList(1, 1000), [Work(0, 0, "a", 2, 10), Work(0, 1, "b", 1, 10)], "protocol");

        rewards.Fee.ShouldBe(100);
        rewards.Payouts.ToDictionary(p => p.Account, p => p.Amount).ShouldBe(new Dictionary<string, long> { ["a"] = 600, ["b"] = 300, ["protocol"] = 100 }, ignoreOrder: true);
        rewards.Stages.Select(s => s.LayerTokens).ShouldBe([20, 10]);
    }

    [Fact]
    public void A_host_with_several_stages_gets_one_payout() =>
        RewardSplit.Split(Given.JobOf(1), 100, new PriceList(1, 0), [Work(0, 0, "a", 1, 1), Work(0, 1, "a", 1, 1)], "protocol")
            .Payouts.ShouldHaveSingleItem().Amount.ShouldBe(100);

    [Fact]
    public void Without_work_nothing_is_paid()
    {
        RewardSplit.Split(Given.JobOf(1), 100, new PriceList(1, 500), [], "protocol").Payouts.ShouldBeEmpty();
        RewardSplit.Split(Given.JobOf(1), 100, new PriceList(1, 500), [Work(0, 0, "a", 1, 0)], "protocol").Payouts.ShouldBeEmpty();
    }

    [Fact]
    public void Parts_sum_to_the_charge_and_stay_within_one_unit_of_their_share() =>
        Gen.Select(Gen.Long[0, long.MaxValue], Gen.Int[0, 10_000], Gen.Select(Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 100], Gen.Int[0, 5000]).List[1, 12]).Sample((charge, fee, stages) =>
        {
            var work = stages.Select((s, i) => Work(s.Item1, i, $"h{s.Item2}", s.Item3, s.Item4)).ToList();
            var rewards = RewardSplit.Split(Given.JobOf(1), charge, new PriceList(1, fee), work, "protocol");
            long weight = work.Sum(w => w.Layers * w.Tokens);
            long wanted = weight == 0 ? 0 : charge;

            rewards.Payouts.Sum(p => p.Amount).ShouldBe(wanted);
            (rewards.Stages.Sum(s => s.Amount) + rewards.Fee).ShouldBe(wanted);
            rewards.Payouts.ShouldAllBe(p => p.Amount > 0);
            rewards.Payouts.Select(p => p.EventId).ShouldBeUnique();
            foreach (var stage in rewards.Stages)
            {
                var exact = (Int128)(charge - rewards.Fee) * stage.LayerTokens / weight;
                ((Int128)stage.Amount - exact).ShouldBeInRange(0, 1);
            }
        });

    [Fact]
    public void The_order_of_work_does_not_matter()
    {
        StageWork[] work = [Work(0, 0, "a", 1, 1), Work(0, 1, "b", 1, 1), Work(1, 0, "c", 1, 1)];
        var prices = new PriceList(1, 0);

        RewardSplit.Split(Given.JobOf(1), 100, prices, [.. work.Reverse()], "p").Payouts.ShouldBe(RewardSplit.Split(Given.JobOf(1), 100, prices, work, "p").Payouts);
    }

    private static StageWork Work(int chain, int stage, string host, int layers, long tokens) => new(chain, stage, Given.NodeOf($"{chain}-{stage}"), host, layers, tokens);
}
