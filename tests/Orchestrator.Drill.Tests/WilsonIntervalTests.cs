using Orchestrator.Drill.Statistics;

namespace Orchestrator.Drill.Tests;

public sealed class WilsonIntervalTests
{
    // From Newcombe (Statistics in Medicine 17, 1998), table I, method 3.
    [Theory]
    [InlineData(81, 263, .2553, .3662)]
    [InlineData(15, 148, .0624, .1605)]
    [InlineData(0, 20, .0000, .1611)]
    [InlineData(1, 29, .0061, .1718)]
    public void It_agrees_with_published_values(int hits, int trials, double low, double high)
    {
        var interval = WilsonInterval.Of(hits, trials);

        interval.Low.ShouldBe(low, .00005);
        interval.High.ShouldBe(high, .00005);
    }

    [Fact]
    public void Nothing_tried_excludes_nothing() => WilsonInterval.Of(0, 0).ShouldBe(new WilsonInterval(0, 1));
}
