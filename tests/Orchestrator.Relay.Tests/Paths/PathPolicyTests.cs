using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Relay.Paths;

namespace Orchestrator.Relay.Tests.Paths;

public sealed class PathPolicyTests
{
    private static readonly Digest Peer = Digest.Of("peer"u8);
    private readonly FakeTimeProvider time = new();
    private readonly PathPolicy policy;

    public PathPolicyTests() => policy = new PathPolicy(PathOptions.Default, time);

    [Fact]
    public void A_peer_with_one_way_is_reached_by_it()
    {
        policy.Plan(Peer, direct: true, relay: false).ShouldBe(new PathPlan(LinkPath.Direct, null, TimeSpan.Zero));
        policy.Plan(Peer, direct: false, relay: true).ShouldBe(new PathPlan(LinkPath.Relay, null, TimeSpan.Zero));
        Should.Throw<InvalidDataException>(() => policy.Plan(Peer, direct: false, relay: false));
    }

    [Fact]
    public void An_unknown_peer_is_tried_directly_first() =>
        policy.Plan(Peer, true, true).ShouldBe(new PathPlan(LinkPath.Direct, LinkPath.Relay, TimeSpan.FromMilliseconds(250)));

    [Theory]
    [InlineData(1, 100)]
    [InlineData(80, 240)]
    [InlineData(5000, 1000)]
    public void The_head_start_follows_what_dials_take(int took, int head)
    {
        policy.Connected(Peer, LinkPath.Direct, TimeSpan.FromMilliseconds(took));
        policy.Plan(Peer, true, true).HeadStart.ShouldBe(TimeSpan.FromMilliseconds(head));
    }

    [Fact]
    public void Measurements_are_averaged_with_forgetting()
    {
        policy.Connected(Peer, LinkPath.Direct, TimeSpan.FromMilliseconds(40));
        policy.Connected(Peer, LinkPath.Direct, TimeSpan.FromMilliseconds(80));
        policy.Plan(Peer, true, true).HeadStart.ShouldBe(TimeSpan.FromMilliseconds(150), "three times 40 + (80 - 40) / 4");
    }

    [Fact]
    public void A_failed_direct_way_is_left_alone_for_a_while_that_doubles()
    {
        var wait = PathOptions.Default.Reprobe;
        for (int failures = 1; failures <= 12; failures++)
        {
            policy.Failed(Peer, LinkPath.Direct);
            var expected = wait < PathOptions.Default.LongestReprobe ? wait : PathOptions.Default.LongestReprobe;
            time.Advance(expected - TimeSpan.FromTicks(1));
            policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Relay);
            policy.IsProbeDue(Peer).ShouldBeFalse();
            time.Advance(TimeSpan.FromTicks(1));
            policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Direct);
            policy.IsProbeDue(Peer).ShouldBeTrue();
            wait *= 2;
        }

        policy.Connected(Peer, LinkPath.Direct, TimeSpan.FromMilliseconds(10));
        policy.Failed(Peer, LinkPath.Direct);
        time.Advance(PathOptions.Default.Reprobe);
        policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Direct, "a success forgets the failures before it");
    }

    [Theory]
    [InlineData(100, 50, LinkPath.Relay)]
    [InlineData(100, 90, LinkPath.Direct)]
    [InlineData(20, 5, LinkPath.Direct)]
    [InlineData(10, 100, LinkPath.Direct)]
    public void The_relay_is_preferred_only_where_it_is_clearly_faster(int direct, int relay, LinkPath first)
    {
        policy.Connected(Peer, LinkPath.Direct, TimeSpan.FromMilliseconds(direct));
        policy.Measured(Peer, LinkPath.Direct, TimeSpan.FromMilliseconds(direct));
        policy.Measured(Peer, LinkPath.Relay, TimeSpan.FromMilliseconds(relay));
        policy.Plan(Peer, true, true).First.ShouldBe(first);
        time.Advance(PathOptions.Default.LongestReprobe);
        policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Direct, "an old measurement says nothing");
    }

    [Fact]
    public void Memory_is_bounded_and_keeps_whom_it_used_last()
    {
        var small = new PathPolicy(new PathOptions { MaxPeers = 2 }, time);
        small.Failed(Digest.Of("a"u8), LinkPath.Direct);
        time.Advance(TimeSpan.FromTicks(1));
        small.Failed(Digest.Of("b"u8), LinkPath.Direct);
        time.Advance(TimeSpan.FromTicks(1));
        small.Failed(Digest.Of("c"u8), LinkPath.Direct);
        time.Advance(TimeSpan.FromTicks(1));
        small.Plan(Digest.Of("c"u8), true, true).First.ShouldBe(LinkPath.Relay);
        small.Plan(Digest.Of("b"u8), true, true).First.ShouldBe(LinkPath.Relay);
        small.Plan(Digest.Of("a"u8), true, true).First.ShouldBe(LinkPath.Direct, "it was forgotten");
    }
}
