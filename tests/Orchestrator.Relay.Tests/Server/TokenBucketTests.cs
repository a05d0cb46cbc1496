using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Relay.Server;

namespace Orchestrator.Relay.Tests.Server;

public sealed class TokenBucketTests
{
    [Fact]
    public void Debt_is_paid_off_at_the_rate()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(100, 50, time);
        bucket.Take(50).ShouldBe(TimeSpan.Zero);
        bucket.Take(100).ShouldBe(TimeSpan.FromSeconds(1));
        bucket.TryTake(1).ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1.01));
        bucket.TryTake(1).ShouldBeTrue();
    }

    /// <summary>Over any time no more than burst and rate allow gets through, however it is asked for.</summary>
    [Fact]
    public void Nobody_gets_more_than_the_rate() => Gen.Select(Gen.Int[1, 5000], Gen.Int[0, 2000]).Array[1, 60].Sample(steps =>
    {
        var time = new FakeTimeProvider();
        var start = time.GetUtcNow();
        var bucket = new TokenBucket(1000, 4000, time);
        double taken = 0;
        foreach (var (amount, pause) in steps)
        {
            time.Advance(bucket.Take(amount) + TimeSpan.FromMilliseconds(pause));
            taken += amount;
            (taken <= 4000 + (time.GetUtcNow() - start).TotalSeconds * 1000 + 1).ShouldBeTrue();
        }
    });
}
