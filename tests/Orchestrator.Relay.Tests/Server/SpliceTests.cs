using Orchestrator.Relay.Client;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Tests.Kit;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;

namespace Orchestrator.Relay.Tests.Server;

public sealed class SpliceTests
{
    [Theory]
    [InlineData(RelayPort.Data)]
    [InlineData(RelayPort.Stream)]
    public async Task Bytes_pass_both_ways_and_the_node_learns_who_dials_which_door(RelayPort port)
    {
        await using var relay = new TestRelay();
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        using var key = TestRelay.Key("dialer");

        using var near = await new RelayDialer(key).DialAsync(relay.Endpoint, node.Id, port, TestRelay.Limit);
        var call = await node.CallAsync();

        (call.Port, call.From).ShouldBe((port, key.Node));
        byte[] sent = Some.Bytes(300_000);
        foreach (var (from, to) in new[] { (near, call.Link), (call.Link, near) })
        {
            byte[] got = new byte[sent.Length];
            await Task.WhenAll(from.Stream.WriteAsync(sent, TestRelay.Limit).AsTask(), to.Stream.ReadExactlyAsync(got, TestRelay.Limit).AsTask());
            got.ShouldBe(sent);
        }
    }

    [Fact]
    public async Task One_direction_may_end_while_the_other_goes_on()
    {
        await using var relay = new TestRelay();
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        using var key = TestRelay.Key("dialer");
        using var near = await new RelayDialer(key).DialAsync(relay.Endpoint, node.Id, RelayPort.Data, TestRelay.Limit);
        var far = (await node.CallAsync()).Link;

        await ((RelayStream)near.Stream).EndWritesAsync();
        (await far.Stream.ReadAsync(new byte[1], TestRelay.Limit)).ShouldBe(0);
        await far.Stream.WriteAsync("answer"u8.ToArray(), TestRelay.Limit);
        byte[] got = new byte[6];
        await near.Stream.ReadExactlyAsync(got, TestRelay.Limit);
        got.ShouldBe("answer"u8.ToArray());
        await ((RelayStream)far.Stream).EndWritesAsync();
        (await near.Stream.ReadAsync(got, TestRelay.Limit)).ShouldBe(0);
        await Eventually.Holds(() => Task.FromResult(relay.Server.Splices == 0), () => "the stream is over");
    }

    [Fact]
    public async Task A_connection_that_breaks_ends_the_other()
    {
        await using var relay = new TestRelay();
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        using var key = TestRelay.Key("dialer");
        var near = await new RelayDialer(key).DialAsync(relay.Endpoint, node.Id, RelayPort.Data, TestRelay.Limit);
        var far = (await node.CallAsync()).Link;

        near.Socket.Close(0);

        (await EndsAsync(far.Stream)).ShouldBeTrue();
        await Eventually.Holds(() => Task.FromResult(relay.Server.Splices == 0), () => "the stream is over");
    }

    [Fact]
    public async Task A_reader_that_stops_stops_its_writer()
    {
        await using var relay = new TestRelay(new RelayOptions { ByteBurst = 512 << 20 });
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        using var key = TestRelay.Key("dialer");
        using var near = await new RelayDialer(key).DialAsync(relay.Endpoint, node.Id, RelayPort.Data, TestRelay.Limit);
        var far = (await node.CallAsync()).Link;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestRelay.Limit);

        // More than sockets hold: were the relay to take it all, this write would end.
        var writing = near.Stream.WriteAsync(new byte[256 << 20], stop.Token).AsTask();
        await far.Stream.ReadExactlyAsync(new byte[1 << 20], TestRelay.Limit);
        writing.IsCompleted.ShouldBeFalse();
        await far.Stream.ReadExactlyAsync(new byte[255 << 20], TestRelay.Limit);
        await writing;
    }

    private static async Task<bool> EndsAsync(Stream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], TestRelay.Limit) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
