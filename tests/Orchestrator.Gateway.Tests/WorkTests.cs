using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.NodeProtocol;
using Orchestrator.TestKit;
using Outcome = Orchestrator.Gateway.Platform.Outcome;

namespace Orchestrator.Gateway.Tests;

/// <summary>How work reaches a node, and what happens when it does not.</summary>
public sealed class WorkTests
{
    private static string Topic => Topics.Work(Some.Node());

    [Fact]
    public async Task The_broker_hears_of_a_message_only_what_the_node_made_of_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(1));
        var first = await work.DeliveryAsync();
        gateway.Platform.Settled.Items.ShouldBeEmpty();

        await work.SettleAsync(first.Lease, Settle.Types.Outcome.Retry);
        var second = await work.DeliveryAsync();
        second.Lease.ShouldNotBe(first.Lease);
        second.Message.ShouldBe(first.Message);
        await work.SettleAsync(second.Lease);
        await gateway.Platform.Settled.CountAsync(2, TestContext.Current.CancellationToken);
        gateway.Platform.Send(Topic, TestGateway.Work(2));
        await work.SettleAsync((await work.DeliveryAsync()).Lease, Settle.Types.Outcome.Dropped);

        (await gateway.Platform.Settled.CountAsync(3, TestContext.Current.CancellationToken)).Select(s => s.Outcome).ShouldBe([Outcome.Retry, Outcome.Accepted, Outcome.Dropped]);
    }

    [Fact]
    public async Task What_is_not_settled_within_its_lease_is_delivered_again()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { Silence = TimeSpan.FromMinutes(5) });
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(1));
        var first = await work.DeliveryAsync();

        gateway.Time.Advance(TimeSpan.FromMilliseconds(first.LeaseMs));
        var second = await work.DeliveryAsync();
        // Too late: it settles nothing, neither the old delivery nor the new.
        await work.SettleAsync(first.Lease, Settle.Types.Outcome.Dropped);
        await work.SettleAsync(second.Lease);

        (await gateway.Platform.Settled.CountAsync(2, TestContext.Current.CancellationToken)).Select(s => s.Outcome).ShouldBe([Outcome.Retry, Outcome.Accepted]);
    }

    [Fact]
    public async Task A_repeated_or_invented_answer_settles_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(1));
        var first = await work.DeliveryAsync();
        await work.SettleAsync(first.Lease);
        await work.SettleAsync(first.Lease, Settle.Types.Outcome.Retry);
        await work.SettleAsync(0);
        await work.SettleAsync(ulong.MaxValue, Settle.Types.Outcome.Dropped);
        await gateway.Platform.Settled.CountAsync(1, TestContext.Current.CancellationToken);
        gateway.Platform.Send(Topic, TestGateway.Work(2));
        await work.SettleAsync((await work.DeliveryAsync()).Lease);

        (await gateway.Platform.Settled.CountAsync(2, TestContext.Current.CancellationToken)).ShouldAllBe(s => s.Outcome == Outcome.Accepted);
    }

    [Fact]
    public async Task A_node_that_talks_without_being_asked_is_sent_away()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxInFlight = 3 });
        using var work = await gateway.Connect().JoinAsync();
        try
        {
            for (int i = 0; i < 60; i++)
            {
                await work.WriteAsync(new WorkRequest { Pong = new Pong() });
                await work.SettleAsync((ulong)i + 1_000);
            }
        }
        catch (Exception e) when (e is RpcException or InvalidOperationException)
        {
            // Sent away in the middle; only who reads is told why.
        }

        (await RawNode.RefusalAsync(work.NextAsync)).ShouldSatisfyAllConditions(
            s => s.StatusCode.ShouldBe(StatusCode.ResourceExhausted), s => s.Detail.ShouldContain("more than it is asked"));
        await Eventually.Holds(() => Task.FromResult(gateway.Host.ConnectedNodes == 0), () => "the node is still there", cancel: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_node_gets_no_more_than_it_can_take()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxInFlight = 3 });
        using var work = await gateway.Connect().JoinAsync(capacity: 1000);
        for (int i = 1; i <= 5; i++)
            gateway.Platform.Send(Topic, TestGateway.Work(i));
        var three = new[] { await work.DeliveryAsync(), await work.DeliveryAsync(), await work.DeliveryAsync() };

        // A ping comes after everything that could have been sent before it.
        gateway.Time.Advance(TimeSpan.FromSeconds(5));
        (await work.NextAsync()).Ping.ShouldNotBeNull();
        await work.SettleAsync(three[0].Lease);

        (await work.DeliveryAsync()).Message.ShouldNotBeNull();
    }

    [Fact]
    public async Task The_newer_of_two_streams_of_a_node_gets_its_work()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var older = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(1));
        var open = await older.DeliveryAsync();

        using var newer = await gateway.Connect().JoinAsync();

        var farewell = (await older.NextAsync()).Reconnect;
        farewell.Reason.ShouldContain("another stream of this node");
        (await RawNode.RefusalAsync(older.NextAsync)).StatusCode.ShouldBe(StatusCode.Aborted);
        (await newer.DeliveryAsync()).Message.ShouldBe(open.Message);
        gateway.Host.ConnectedNodes.ShouldBe(1);
    }

    [Fact]
    public async Task A_node_gets_its_own_work_only()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var one = await gateway.Connect().JoinAsync();
        using var two = await gateway.Connect(2).JoinAsync();

        gateway.Platform.Send(Topics.Work(Some.Node(2)), TestGateway.Work(2));
        gateway.Platform.Send(Topic, TestGateway.Work(1));

        (await one.DeliveryAsync()).Message.Payload.ToByteArray().ShouldBe(TestGateway.Work(1).Payload);
        (await two.DeliveryAsync()).Message.Payload.ToByteArray().ShouldBe(TestGateway.Work(2).Payload);
    }

    [Fact]
    public async Task A_node_that_answers_no_ping_is_taken_for_dead_and_its_work_goes_back()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { PingInterval = TimeSpan.FromSeconds(5), Silence = TimeSpan.FromSeconds(15), Lease = TimeSpan.FromSeconds(30) });
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(1));
        await work.DeliveryAsync();

        gateway.Time.Advance(TimeSpan.FromSeconds(5));
        (await work.NextAsync()).Ping.ShouldNotBeNull();
        gateway.Time.Advance(TimeSpan.FromSeconds(11));

        await gateway.Platform.Unsubscribed.FirstAsync(topic => topic == Topic, "the node's subscription to end", TestContext.Current.CancellationToken);
        using var again = await gateway.Connect().JoinAsync();
        (await again.DeliveryAsync()).Message.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_full_gateway_says_so_and_keeps_those_it_has()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxNodes = 1 });
        using var one = await gateway.Connect().JoinAsync();
        var second = await gateway.Connect(2).LogInAsync();
        using var refused = second.Work();

        (await RawNode.RefusalAsync(() => refused.HelloAsync(1))).Detail.ShouldContain("Gateway:MaxNodes");
        using var same = await gateway.Connect().JoinAsync();
        gateway.Host.ConnectedNodes.ShouldBe(1);
    }

    [Fact]
    public async Task Who_does_not_begin_with_hello_or_goes_on_with_nonsense_is_put_out()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = await gateway.Connect().LogInAsync();
        using var rude = node.Work();
        await rude.SettleAsync(1);
        (await RawNode.RefusalAsync(() => rude.NextAsync())).StatusCode.ShouldBe(StatusCode.InvalidArgument);
        using var lazy = node.Work();
        (await RawNode.RefusalAsync(() => lazy.HelloAsync(0))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
        using var twice = await node.JoinAsync();
        await twice.WriteAsync(new WorkRequest { Hello = new Hello { Capacity = 1 } });
        (await RawNode.RefusalAsync(() => twice.NextAsync())).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public async Task A_gateway_that_stops_waits_for_open_work_and_sends_its_nodes_away()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { ReconnectSpread = TimeSpan.FromSeconds(3) });
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(1));
        var open = await work.DeliveryAsync();

        var drained = gateway.Host.DrainAsync();
        gateway.Platform.Send(Topic, TestGateway.Work(2));
        await work.SettleAsync(open.Lease);

        var farewell = (await work.NextAsync()).Reconnect;
        farewell.AfterMs.ShouldBeInRange(0, 3000);
        await drained;
        (await gateway.Platform.Settled.CountAsync(1, TestContext.Current.CancellationToken)).ShouldBe([(Topic, Outcome.Accepted)]);
        var late = await gateway.Connect(2).LogInAsync();
        using var refused = late.Work();
        (await RawNode.RefusalAsync(() => refused.HelloAsync(1))).StatusCode.ShouldBe(StatusCode.Unavailable);
    }
}
