using System.Text;
using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Gateway.Tests;

/// <summary>What a node may say.</summary>
public sealed class PublishTests
{
    [Fact]
    public async Task What_a_node_says_of_itself_reaches_the_broker_unchanged()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();
        var beat = TestGateway.Heartbeat(node.Key);

        await node.PublishAsync(Topics.Nodes, beat);

        var (topic, message) = gateway.Platform.Published.Items.ShouldHaveSingleItem();
        topic.ShouldBe(Topics.Nodes);
        message.Payload.ShouldBe(beat.Payload);
        MessageSigning.TryOpen(message, MessageTypes.NodeHeartbeat, ContractsJson.Default.NodeHeartbeat, out _, out _).ShouldBeTrue();
    }

    [Fact]
    public async Task A_node_speaks_for_itself_only()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();
        using var other = Some.Key(2);
        var own = TestGateway.Heartbeat(node.Key);

        foreach (var message in new[] { TestGateway.Heartbeat(other), own with { Key = other.PublicKey }, own with { Signature = new byte[64] }, own with { Payload = [] } })
            (await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, message))).StatusCode.ShouldBe(StatusCode.PermissionDenied);

        gateway.Platform.Published.Items.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("work.{0}")]
    [InlineData("nodes.dead")]
    [InlineData("NODES")]
    [InlineData("")]
    public async Task Other_topics_are_closed(string topic)
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();

        var refusal = await RawNode.RefusalAsync(() => node.PublishAsync(string.Format(topic, Some.Node(2)), TestGateway.Heartbeat(node.Key)));

        refusal.StatusCode.ShouldBe(StatusCode.PermissionDenied);
        refusal.Detail.ShouldContain("nodes, results and audits");
    }

    [Fact]
    public async Task A_message_goes_to_the_topic_of_its_type()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();

        (await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Results, TestGateway.Heartbeat(node.Key)))).Detail.ShouldContain("does not belong");
    }

    [Theory]
    [InlineData(Topics.Nodes, MessageTypes.NodeRecord)]
    [InlineData(Topics.Nodes, MessageTypes.NodeHeartbeat)]
    [InlineData(Topics.Results, MessageTypes.ChainResult)]
    [InlineData(Topics.Audits, MessageTypes.AuditReport)]
    [InlineData(Topics.Audits, MessageTypes.RefereeVerdict)]
    [InlineData(Topics.Audits, MessageTypes.WitnessReport)]
    public async Task Everything_that_a_worker_publishes_passes(string topic, string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();

        await node.PublishAsync(topic, Signed(node.Key, 2, type));

        gateway.Platform.Published.Items.ShouldHaveSingleItem().Message.Type.ShouldBe(type);
    }

    [Fact]
    public async Task The_largest_message_passes_and_a_larger_one_does_not()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();
        var largest = Signed(node.Key, SignedMessage.MaxPayload);

        await node.PublishAsync(Topics.Nodes, largest);
        (await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, Signed(node.Key, SignedMessage.MaxPayload + 1)))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
        (await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, Signed(node.Key, SignedMessage.MaxPayload + 2000)))).StatusCode.ShouldBe(StatusCode.ResourceExhausted);

        gateway.Platform.Published.Items.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_flood_is_stopped_and_told_when_to_go_on()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { PublishesPerSecond = 2, PublishBurst = 5 });
        var (node, calm) = (gateway.Connect(), gateway.Connect(2));
        using var work = await node.JoinAsync();
        using var calmWork = await calm.JoinAsync();
        var beat = TestGateway.Heartbeat(node.Key);
        for (int i = 0; i < 5; i++)
            await node.PublishAsync(Topics.Nodes, beat);

        var refusal = await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, beat));

        refusal.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        refusal.Detail.ShouldContain("500 ms");
        await calm.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(calm.Key));
        gateway.Time.Advance(TimeSpan.FromMilliseconds(500));
        await node.PublishAsync(Topics.Nodes, beat);
    }

    [Fact]
    public async Task A_new_stream_does_not_refill_what_a_node_used_up()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { PublishesPerSecond = 1, PublishBurst = 1 });
        var (first, second) = (gateway.Connect(), gateway.Connect());
        using var work = await first.JoinAsync();
        await first.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(first.Key));
        using var again = await second.JoinAsync();

        (await RawNode.RefusalAsync(() => second.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(second.Key)))).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
    }

    [Fact]
    public async Task Who_has_no_stream_does_not_publish()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = await gateway.Connect().LogInAsync();

        (await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(node.Key)))).StatusCode.ShouldBe(StatusCode.FailedPrecondition);
    }

    [Fact]
    public async Task A_broker_that_fails_is_not_described_to_nodes()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();
        gateway.Platform.Refuses = true;

        var refusal = await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(node.Key)));

        refusal.StatusCode.ShouldBe(StatusCode.Unavailable);
        refusal.Detail.ShouldNotContain("secret");
    }

    private static SignedMessage Signed(SigningKey key, int bytes, string type = MessageTypes.NodeHeartbeat)
    {
        byte[] payload = new byte[bytes];
        byte[] signed = [.. Encoding.UTF8.GetBytes($"orchestrator\0{type}\0"), .. payload];
        return new SignedMessage(type, payload, key.PublicKey, key.Sign(signed));
    }
}
