using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Tests.Kit;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;

namespace Orchestrator.Relay.Tests.Server;

public sealed class LifeTests
{
    [Fact]
    public async Task A_silent_node_is_dropped()
    {
        var time = new FakeTimeProvider();
        await using var relay = new TestRelay(time: time);
        using var key = TestRelay.Key("node");
        using var control = await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit);

        var ping = RelayFrames.ReadAsync(control.Stream, RelayJson.Default.RelayNotice, TestRelay.Limit);
        await TestRelay.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), ping, "no ping came");
        (await ping).ShouldBe(new RelayNotice());
        await Eventually.Holds(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(relay.Server.Nodes == 0);
            },
            () => "the node is dropped");
    }

    [Fact]
    public async Task A_node_that_says_anything_but_pong_is_dropped()
    {
        await using var relay = new TestRelay();
        using var key = TestRelay.Key("node");
        using var control = await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit);
        await RelayFrames.WriteAsync(control.Stream, new RelayNotice(Some.Bytes(32), RelayPort.Data, Some.Node()), RelayJson.Default.RelayNotice, TestRelay.Limit);
        await Eventually.Holds(() => Task.FromResult(relay.Server.Nodes == 0), () => "the node is dropped");
    }

    [Fact]
    public async Task A_node_that_registers_again_replaces_itself()
    {
        await using var relay = new TestRelay();
        using var key = TestRelay.Key("node");
        using var before = await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit);
        await using var now = await TestNode.StartAsync(relay.Endpoint, "node");
        (await before.Stream.ReadAsync(new byte[1], TestRelay.Limit)).ShouldBe(0);

        using var near = await new RelayDialer(key).DialAsync(relay.Endpoint, now.Id, RelayPort.Stream, TestRelay.Limit);
        (await now.CallAsync()).Port.ShouldBe(RelayPort.Stream);
        relay.Server.Nodes.ShouldBe(1);
    }

    [Fact]
    public async Task Places_for_nodes_are_bounded()
    {
        await using var relay = new TestRelay(new RelayOptions { MaxNodes = 1 });
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        using var other = TestRelay.Key("other");
        (await Should.ThrowAsync<RelayRefusedException>(new RelayDialer(other).RegisterAsync(relay.Endpoint, TestRelay.Limit))).Code.ShouldBe(RelayCode.Busy);
    }

    [Fact]
    public async Task A_node_that_is_not_admitted_any_more_is_dropped()
    {
        var time = new FakeTimeProvider();
        var admission = new Revocable();
        await using var relay = new TestRelay(new RelayOptions { SilenceLimit = TimeSpan.FromDays(1) }, admission, time);
        using var key = TestRelay.Key("node");
        using var control = await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit);

        admission.Revoked = key.Node;
        var end = control.Stream.ReadAsync(new byte[1], TestRelay.Limit).AsTask();
        await TestRelay.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), end, "the registration did not end");

        (await end).ShouldBe(0);
        await Eventually.Holds(() => Task.FromResult(relay.Server.Nodes == 0), () => "the node is dropped");
    }

    [Fact]
    public async Task A_full_relay_gives_the_place_of_a_node_that_is_not_admitted_any_more_to_another()
    {
        var admission = new Revocable();
        await using var relay = new TestRelay(new RelayOptions { MaxNodes = 1 }, admission, new FakeTimeProvider());
        using var key = TestRelay.Key("node");
        using var control = await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit);

        admission.Revoked = key.Node;
        await using var other = await TestNode.StartAsync(relay.Endpoint, "other");

        (await control.Stream.ReadAsync(new byte[1], TestRelay.Limit)).ShouldBe(0);
        relay.Server.Nodes.ShouldBe(1);
    }

    [Fact]
    public async Task An_idle_stream_is_closed()
    {
        var time = new FakeTimeProvider();
        await using var relay = new TestRelay(time: time);
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        using var key = TestRelay.Key("dialer");
        using var near = await new RelayDialer(key).DialAsync(relay.Endpoint, node.Id, RelayPort.Data, TestRelay.Limit);
        var call = await node.CallAsync();
        // The splice is up once bytes pass; from here its clock runs.
        await near.Stream.WriteAsync(new byte[] { 7 }, TestRelay.Limit);
        await call.Link.Stream.ReadExactlyAsync(new byte[1], TestRelay.Limit);

        var end = near.Stream.ReadAsync(new byte[1], TestRelay.Limit).AsTask();
        await TestRelay.AdvanceUntilAsync(time, TimeSpan.FromSeconds(10), end, "the stream did not end");
        (await end).ShouldBe(0);
        await Eventually.Holds(() => Task.FromResult(relay.Server.Splices == 0), () => "the stream is over");
    }

    [Fact]
    public async Task A_node_comes_back_after_its_relay_did()
    {
        using var certificate = RelayCertificate.Create(TimeProvider.System);
        var options = new RelayOptions { Address = System.Net.IPAddress.Loopback, Port = 0 };
        var relay = new RelayServer(options, certificate, new OpenAdmission(), TimeProvider.System);
        relay.Start();
        var endpoint = new RelayEndpoint($"127.0.0.1:{relay.Port}", relay.Certificate);
        await using var node = await TestNode.StartAsync(endpoint, "node");
        await relay.DisposeAsync();

        await using var again = new RelayServer(options with { Port = int.Parse(endpoint.Endpoint.Split(':')[1]) }, certificate, new OpenAdmission(), TimeProvider.System);
        again.Start();

        await Eventually.Holds(() => Task.FromResult(again.Nodes == 1), () => "the node has registered again");
    }

    private sealed class Revocable : IRelayAdmission
    {
        public NodeId? Revoked { get; set; }

        public bool MayRegister(NodeId node) => node != Revoked;

        public ValueTask<bool> MayDialAsync(NodeId dialer, NodeId target, CancellationToken cancel) => new(true);
    }
}
