using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Gateway.Nodes;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests;

/// <summary>What one remote address may take.</summary>
public sealed class AddressTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_address_does_not_take_all_places_for_nodes()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxNodesPerAddress = 2 });
        using var one = await gateway.Connect(1).JoinAsync();
        using var two = await gateway.Connect(2).JoinAsync();

        using var refused = (await gateway.Connect(3).LogInAsync()).Work();
        var refusal = await RawNode.RefusalAsync(() => refused.HelloAsync(1));
        refusal.StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        refusal.Detail.ShouldContain("Gateway:MaxNodesPerAddress");

        using var same = await gateway.Connect(2).JoinAsync();
        await one.CompleteAsync();
        await Eventually.Holds(() => Task.FromResult(gateway.Host.ConnectedNodes == 1), () => "the first node leaves", cancel: Cancel);
        using var next = await gateway.Connect(3).JoinAsync();
    }

    [Fact]
    public async Task One_key_after_another_is_let_in_at_a_limited_rate_and_a_node_that_comes_back_is_not_counted()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxNodesPerAddress = 2, NewNodesPerAddress = 2 });
        gateway.Platform.Registered = node => node == Some.Node(4);
        foreach (int number in new[] { 1, 2, 1, 2, 1 })
        {
            using var node = await gateway.Connect(number).JoinAsync();
            await node.CompleteAsync();
            await Eventually.Holds(() => Task.FromResult(gateway.Host.ConnectedNodes == 0), () => "the node leaves", cancel: Cancel);
        }

        using var refused = (await gateway.Connect(3).LogInAsync()).Work();
        (await RawNode.RefusalAsync(() => refused.HelloAsync(1))).Detail.ShouldContain("Gateway:NewNodesPerAddress");
        using (var known = await gateway.Connect(4).JoinAsync())
            gateway.Host.ConnectedNodes.ShouldBe(1, "the platform knows the node");

        gateway.Time.Advance(TimeSpan.FromMinutes(31));
        using var later = await gateway.Connect(3).JoinAsync();
    }

    [Fact]
    public void New_keys_are_limited_in_all_and_what_is_remembered_is_bounded()
    {
        var time = new FakeTimeProvider();
        var keys = new FreshKeys(perAddress: 2, inAll: 3, time);
        bool Enters(int number, string address) => keys.TryEnter(Some.Node(number), IPAddress.Parse(address), out _, out _);

        Enters(1, "10.0.0.1").ShouldBeTrue();
        Enters(2, "10.0.0.1").ShouldBeTrue();
        keys.TryEnter(Some.Node(3), IPAddress.Parse("10.0.0.1"), out var wait, out bool ofAddress).ShouldBeFalse();
        (wait, ofAddress).ShouldBe((TimeSpan.FromMinutes(30), true));
        Enters(3, "10.0.0.2").ShouldBeTrue();
        keys.TryEnter(Some.Node(4), IPAddress.Parse("10.0.0.3"), out wait, out ofAddress).ShouldBeFalse();
        (wait, ofAddress).ShouldBe((TimeSpan.FromMinutes(20), false));
        Enters(1, "10.0.0.9").ShouldBeTrue();

        time.Advance(FreshKeys.Memory / 2);
        keys.Leave(Some.Node(1));
        time.Advance(FreshKeys.Memory / 2 + TimeSpan.FromSeconds(1));
        Enters(5, "10.0.0.4").ShouldBeTrue();
        keys.Remembered.ShouldBe(2, "the node that left half an hour ago, and the new one");
    }

    [Fact]
    public async Task Connections_of_an_address_beyond_its_limit_are_closed_before_TLS()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { MaxNodesPerAddress = 1, MaxConnectionsPerAddress = 2 });
        var sockets = new List<Socket>();
        for (int i = 0; i < 3; i++)
            sockets.Add(await OpenAsync(gateway));
        // Any of them: they are served side by side.
        (await await Task.WhenAny(sockets.Select(EndsAsync)).WaitAsync(TimeSpan.FromSeconds(20), Cancel)).ShouldBeTrue();

        sockets.ForEach(s => s.Dispose());
        await Eventually.Holds(async () =>
        {
            try
            {
                await gateway.Connect().ChallengeAsync();
                return true;
            }
            catch (RpcException)
            {
                return false;
            }
        }, () => "the places are free again", cancel: Cancel);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", true)]
    [InlineData("::ffff:10.0.0.1", "10.0.0.1", true)]
    [InlineData("10.0.0.1", "10.0.0.2", false)]
    [InlineData("2001:db8::1", "2001:db8::ffff:0:0:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    public void A_network_that_one_host_is_given_counts_as_one_address(string one, string other, bool same) =>
        AddressPlaces.Of(IPAddress.Parse(one)).Equals(AddressPlaces.Of(IPAddress.Parse(other))).ShouldBe(same);

    private static async Task<Socket> OpenAsync(TestGateway gateway)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, gateway.Host.NodePort, Cancel);
        }
        catch (SocketException)
        {
            // Closed before the connect had returned; reading from it says the same.
        }

        return socket;
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], Cancel) == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return true;
        }
    }
}
