using CsCheck;
using Orchestrator.Core.Pricing;

namespace Orchestrator.Core.Tests.Pricing;

public sealed class PriceListTests
{
    private static readonly PriceList Prices = new(3, 250);

    [Fact]
    public void A_quote_counts_every_layer_and_token_on_every_chain() =>
        Prices.Quote(promptTokens: 10, maxCompletionTokens: 20, layers: 8, chains: 2).Total.ShouldBe(3L * 30 * 8 * 2);

    [Fact]
    public void A_charge_never_exceeds_the_quote() =>
        Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000], Gen.Int[1, 100], Gen.Int[1, 4])
            .Select(Gen.Int[0, 2000], Gen.Int[0, 2000], Gen.Int[0, 8]).Sample(t =>
        {
            var ((prompt, completion, layers, chains), ranPrompt, ranCompletion, paid) = t;
            var quote = Prices.Quote(prompt, completion, layers, chains);
            quote.Charge(ranPrompt, ranCompletion, paid).ShouldBeInRange(0, quote.Total);
            quote.Charge(prompt, completion, chains).ShouldBe(quote.Total);
        });

    [Fact]
    public void A_price_that_does_not_fit_is_refused() =>
        Should.Throw<OverflowException>(() => new PriceList(long.MaxValue / 2, 0).Quote(2, 1, 1, 1));

    [Fact]
    public void The_fee_is_exact_for_the_largest_charge_and_rounds_down()
    {
        Prices.FeeOf(long.MaxValue).ShouldBe((long)((Int128)long.MaxValue * 250 / 10_000));
        Prices.FeeOf(39).ShouldBe(0);
        Prices.FeeOf(40).ShouldBe(1);
    }

    [Theory]
    [InlineData(-1, 0)]
    [InlineData(1, -1)]
    [InlineData(1, 10_001)]
    public void A_price_list_out_of_range_prices_nothing(long price, int fee) =>
        Should.Throw<ArgumentOutOfRangeException>(() => new PriceList(price, fee).Quote(1, 1, 1, 1));
}
