using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Relay.Paths;

namespace Orchestrator.Relay.Tests.Paths;

public sealed class PathRaceTests
{
    private static readonly Digest Peer = Digest.Of("peer"u8);
    private static readonly PathPlan Both = new(LinkPath.Direct, LinkPath.Relay, TimeSpan.FromMilliseconds(250));
    private readonly FakeTimeProvider time = new();
    private readonly PathPolicy policy;
    private readonly Dialling direct = new();
    private readonly Dialling relay = new();

    public PathRaceTests() => policy = new PathPolicy(PathOptions.Default, time);

    [Fact]
    public async Task A_direct_way_within_its_head_start_wins_alone()
    {
        var race = RunAsync(Both);
        direct.Open.SetResult(new Link("direct"));
        (await race).Name.ShouldBe("direct");
        relay.Started.Task.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_direct_way_that_goes_nowhere_costs_the_head_start_and_is_remembered()
    {
        var race = RunAsync(Both);
        time.Advance(TimeSpan.FromMilliseconds(249));
        relay.Started.Task.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(1));
        await relay.Started.Task;
        relay.Open.SetResult(new Link("relay"));
        (await race).Name.ShouldBe("relay");
        await direct.Cancelled.Task;
        policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Relay);
    }

    [Fact]
    public async Task A_direct_way_that_fails_at_once_gives_its_head_start_up()
    {
        var race = RunAsync(Both);
        direct.Open.SetException(new IOException("refused"));
        await relay.Started.Task;
        relay.Open.SetResult(new Link("relay"));
        (await race).Name.ShouldBe("relay");
    }

    [Fact]
    public async Task The_loser_is_closed_even_when_it_opens_late()
    {
        var race = RunAsync(Both);
        time.Advance(TimeSpan.FromSeconds(1));
        await relay.Started.Task;
        direct.Stubborn = true;
        relay.Open.SetResult(new Link("relay"));
        (await race).Name.ShouldBe("relay");
        var late = new Link("direct");
        direct.Open.SetResult(late);
        await late.Closed.Task;
    }

    [Fact]
    public async Task A_slow_direct_way_still_wins_over_a_slower_relay()
    {
        var race = RunAsync(Both);
        time.Advance(TimeSpan.FromSeconds(1));
        await relay.Started.Task;
        direct.Open.SetResult(new Link("direct"));
        (await race).Name.ShouldBe("direct");
        await relay.Cancelled.Task;
        policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Direct);
    }

    [Fact]
    public async Task Two_failures_are_told_together()
    {
        var race = RunAsync(Both);
        direct.Open.SetException(new IOException("no route"));
        relay.Open.SetException(new IOException("no such node"));
        var error = await Should.ThrowAsync<IOException>(race);
        error.Message.ShouldContain("no route");
        error.Message.ShouldContain("no such node");
    }

    [Fact]
    public async Task A_cancelled_race_leaves_nothing_open()
    {
        using var cancel = new CancellationTokenSource();
        var race = RunAsync(Both, cancel.Token);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(race);
        await direct.Cancelled.Task;
        policy.Plan(Peer, true, true).First.ShouldBe(LinkPath.Direct, "a cancelled dial says nothing of the way");
    }

    private Task<Link> RunAsync(PathPlan plan, CancellationToken cancel = default) =>
        new PathRace(policy, time).RunAsync(Peer, plan, (path, c) => (path == LinkPath.Direct ? direct : relay).RunAsync(c), cancel);

    private sealed class Dialling
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<Link> Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Stubborn { get; set; }

        public async Task<Link> RunAsync(CancellationToken cancel)
        {
            Started.TrySetResult();
            await using var registration = cancel.Register(() =>
            {
                Cancelled.TrySetResult();
                if (!Stubborn)
                    Open.TrySetCanceled(cancel);
            });
            return await Open.Task;
        }
    }

    private sealed record Link(string Name) : IDisposable
    {
        public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => Closed.TrySetResult();
    }
}
