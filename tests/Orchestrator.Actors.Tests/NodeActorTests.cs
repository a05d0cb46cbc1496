using Orchestrator.Actors.Tests.Kit;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Tests;

public sealed class NodeActorTests
{
    [Fact]
    public async Task A_node_must_register_before_its_heartbeats_count()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = network.Actors.Node(Given.NodeOf("n"));

        (await node.GetAsync()).ShouldBeNull();
        (await node.HeartbeatAsync(Given.Heartbeat("n", 1, network.Now), network.Now)).ShouldBeNull();
        await node.RegisterAsync(Given.Record("n", network.Now));
        var state = await node.HeartbeatAsync(Given.Heartbeat("n", 1, network.Now, new ShardStatus(Given.DigestOf("m"), 1, ShardState.Failed, "no memory")), network.Now.AddSeconds(1));

        state.ShouldNotBeNull().LastSeen.ShouldBe(network.Now.AddSeconds(1));
        state.Record.ShouldBe(Given.Record("n", network.Now));
        state.Heartbeat!.Shards.ShouldHaveSingleItem().ShouldBe(new ShardStatus(Given.DigestOf("m"), 1, ShardState.Failed, "no memory"));
    }

    [Fact]
    public async Task Older_records_and_heartbeats_change_nothing_even_after_a_rebalance()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = network.Actors.Node(Given.NodeOf("n"));
        await node.RegisterAsync(Given.Record("n", network.Now, "new-host"));
        await node.HeartbeatAsync(Given.Heartbeat("n", 5, network.Now), network.Now);

        await network.Sidecar.DeactivateActorsAsync();
        await node.RegisterAsync(Given.Record("n", network.Now.AddSeconds(-1), "old-host"));
        var state = await node.HeartbeatAsync(Given.Heartbeat("n", 4, network.Now), network.Now.AddMinutes(1));

        state.ShouldNotBeNull().Record.Host.ShouldBe("new-host");
        state.Heartbeat!.Sequence.ShouldBe(5);
        state.LastSeen.ShouldBe(network.Now);
    }

    [Fact]
    public async Task An_earning_counts_once()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = network.Actors.Node(Given.NodeOf("n"));
        await node.RegisterAsync(Given.Record("n", network.Now));
        var earning = new NodeEarning("earning:job-1", "job-1", 80, 40, network.Now);

        await node.RecordEarningAsync(earning);
        await network.Sidecar.DeactivateActorsAsync();
        await node.RecordEarningAsync(earning);
        await node.RecordEarningAsync(earning with { EventId = "earning:job-2", Job = "job-2" });

        (await node.GetAsync()).ShouldNotBeNull().ShouldSatisfyAllConditions(s => s.EarnedMicroCredits.ShouldBe(80), s => s.JobsServed.ShouldBe(2));
    }

    [Fact]
    public async Task Only_a_silent_node_that_never_did_anything_is_forgotten()
    {
        await using var network = await ActorNetwork.StartAsync();
        foreach (string name in new[] { "idle", "paid", "owing", "known" })
            await network.Actors.Node(Given.NodeOf(name)).RegisterAsync(Given.Record(name, network.Now));
        await network.Actors.Node(Given.NodeOf("paid")).RecordEarningAsync(new("earning:job-1", "job-1", 80, 40, network.Now));
        await network.Actors.Node(Given.NodeOf("owing")).OweAsync(network.Now.AddDays(9));
        await network.Actors.Node(Given.NodeOf("known")).StandAsync(new(1, null, 0, true, new(1, 1, 0, network.Now), new(1, 1, 0, network.Now)));
        Task<bool> ForgetAsync(string name, DateTimeOffset silentSince) => network.Actors.Node(Given.NodeOf(name)).ForgetAsync(silentSince);

        (await ForgetAsync("idle", network.Now)).ShouldBeFalse("it was seen then");
        foreach (string name in new[] { "paid", "owing", "known" })
        {
            (await ForgetAsync(name, network.Now.AddDays(1))).ShouldBeFalse();
            (await network.Actors.Node(Given.NodeOf(name)).GetAsync()).ShouldNotBeNull();
        }

        (await ForgetAsync("idle", network.Now.AddDays(1))).ShouldBeTrue();
        await network.Sidecar.DeactivateActorsAsync();
        var idle = network.Actors.Node(Given.NodeOf("idle"));
        (await idle.GetAsync()).ShouldBeNull();
        (await idle.ForgetAsync(network.Now.AddDays(1))).ShouldBeTrue("nothing is stored");
        // Its first job may be settled days later, after its challenge window: that must not fail because of a statistic.
        await idle.RecordEarningAsync(new("earning:job-1", "job-1", 80, 40, network.Now));
        (await idle.GetAsync()).ShouldBeNull();
        (await idle.RegisterAsync(Given.Record("idle", network.Now))).Record.Host.ShouldBe(Given.Record("idle", network.Now).Host);
    }

    [Fact]
    public async Task Dials_count_in_their_order_and_only_for_the_endpoint_the_node_names_now()
    {
        await using var network = await ActorNetwork.StartAsync();
        var node = network.Actors.Node(Given.NodeOf("n"));
        var record = Given.Record("n", network.Now);
        (await node.DialledAsync(Dial(0, true))).ShouldBeNull();
        (await node.RegisterAsync(record)).Reach.ShouldBeNull();

        (await node.DialledAsync(Dial(1, false)))!.Reach.ShouldBe(new NodeReach(At(1), null, 1));
        (await node.DialledAsync(Dial(2, true)))!.Reach.ShouldBe(new NodeReach(At(2), At(2), 0));
        (await node.DialledAsync(Dial(2, false)))!.Reach!.Missed.ShouldBe(0);
        (await node.DialledAsync(Dial(3, false)))!.Reach.ShouldBe(new NodeReach(At(3), At(2), 1));
        await network.Sidecar.DeactivateActorsAsync();
        (await node.DialledAsync(Dial(4, false)))!.Reach.ShouldBe(new NodeReach(At(4), At(2), 2));
        (await node.DialledAsync(Dial(5, true) with { Certificate = Given.DigestOf("another") }))!.Reach!.Missed.ShouldBe(2);

        (await node.RegisterAsync(record with { IssuedAt = At(6) })).Reach!.Missed.ShouldBe(2);
        (await node.RegisterAsync(record with { IssuedAt = At(7), StreamEndpoint = new Uri("https://elsewhere/") })).Reach.ShouldBeNull();
        (await node.DialledAsync(Dial(8, true)))!.Reach.ShouldBeNull();

        DateTimeOffset At(int second) => network.Now.AddSeconds(second);
        NodeDial Dial(int second, bool reached) => new(record.StreamEndpoint, record.CertificateDigest, At(second), reached);
    }

    [Fact]
    public async Task A_message_of_another_node_is_refused()
    {
        await using var network = await ActorNetwork.StartAsync();

        await Should.ThrowAsync<Exception>(() => network.Actors.Node(Given.NodeOf("n")).RegisterAsync(Given.Record("other", network.Now)));
    }
}
