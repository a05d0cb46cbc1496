using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Tests.Kit;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Relay.Tests.Server;

public sealed class HostileTests
{
    private static readonly RelayHello Hello = new(1, new byte[32], default, RelayRole.Register);

    [Fact]
    public async Task A_replayed_hello_is_refused()
    {
        await using var relay = new TestRelay();
        using var key = TestRelay.Key("node");
        var (first, challenge) = await relay.ConnectAsync();
        var (second, _) = await relay.ConnectAsync();
        await using (first)
        await using (second)
        {
            var message = TestRelay.Sign(Hello with { Challenge = challenge, Relay = relay.Server.Certificate }, key);
            (await TestRelay.SayAsync(first, message)).Code.ShouldBe(RelayCode.Accepted);
            (await TestRelay.SayAsync(second, message)).ShouldBe(new RelayReply(RelayCode.Refused, "it answers another challenge"));
        }
    }

    [Fact]
    public async Task A_hello_that_another_relay_got_is_refused()
    {
        await using var relay = new TestRelay();
        using var key = TestRelay.Key("node");
        var (stream, challenge) = await relay.ConnectAsync();
        await using (stream)
        {
            // A relay in the middle passes our challenge on; what it gets back names its own certificate.
            var message = TestRelay.Sign(Hello with { Challenge = challenge, Relay = Digest.Of("in the middle"u8) }, key);
            (await TestRelay.SayAsync(stream, message)).Message.ShouldBe("it is meant for a relay with another certificate");
        }
    }

    [Theory]
    [InlineData("key")]
    [InlineData("signature")]
    [InlineData("type")]
    [InlineData("schema")]
    [InlineData("role")]
    [InlineData("payload")]
    public async Task A_hello_that_does_not_hold_is_refused(string what)
    {
        await using var relay = new TestRelay();
        using var key = TestRelay.Key("node");
        using var other = TestRelay.Key("other");
        var (stream, challenge) = await relay.ConnectAsync();
        await using (stream)
        {
            var hello = Hello with { Challenge = challenge, Relay = relay.Server.Certificate };
            var good = TestRelay.Sign(hello, key);
            var message = what switch
            {
                "key" => good with { Key = other.PublicKey },
                "signature" => good with { Signature = new byte[64] },
                "type" => MessageSigning.Seal(MessageTypes.NodeRecord, hello, RelayJson.Default.RelayHello, key),
                "schema" => TestRelay.Sign(hello with { SchemaVersion = 2 }, key),
                "role" => TestRelay.Sign(hello with { Target = other.Node }, key),
                _ => good with { Payload = [.. good.Payload, (byte)' '] },
            };
            (await TestRelay.SayAsync(stream, message)).Code.ShouldBe(RelayCode.Refused);
            relay.Server.Nodes.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(RelayFrames.MaxLength + 1)]
    [InlineData(ushort.MaxValue)]
    public async Task A_message_of_a_wrong_size_ends_the_connection(int size)
    {
        await using var relay = new TestRelay();
        var (stream, _) = await relay.ConnectAsync();
        await using (stream)
        {
            byte[] length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)size);
            await stream.WriteAsync(length, TestRelay.Limit);
            (await stream.ReadAsync(new byte[1], TestRelay.Limit)).ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_node_that_is_not_here_cannot_be_dialled()
    {
        await using var relay = new TestRelay();
        using var key = TestRelay.Key("dialer");
        var refused = await Should.ThrowAsync<RelayRefusedException>(new RelayDialer(key).DialAsync(relay.Endpoint, Some.Node(), RelayPort.Data, TestRelay.Limit));
        refused.Code.ShouldBe(RelayCode.Unknown);
    }

    [Fact]
    public async Task Admission_decides_about_both_sides()
    {
        using var known = TestRelay.Key("known");
        using var stranger = TestRelay.Key("stranger");
        await using var relay = new TestRelay(admission: new Only(known.Node));
        await using var node = await TestNode.StartAsync(relay.Endpoint, "known");

        var dial = await Should.ThrowAsync<RelayRefusedException>(new RelayDialer(stranger).DialAsync(relay.Endpoint, node.Id, RelayPort.Data, TestRelay.Limit));
        dial.Code.ShouldBe(RelayCode.Forbidden);
        var register = await Should.ThrowAsync<RelayRefusedException>(new RelayDialer(stranger).RegisterAsync(relay.Endpoint, TestRelay.Limit));
        register.Code.ShouldBe(RelayCode.Forbidden);
    }

    [Fact]
    public async Task A_token_works_once_and_only_for_the_node_that_was_called()
    {
        await using var relay = new TestRelay();
        using var nodeKey = TestRelay.Key("node");
        using var otherKey = TestRelay.Key("other");
        using var dialerKey = TestRelay.Key("dialer");
        using var control = await new RelayDialer(nodeKey).RegisterAsync(relay.Endpoint, TestRelay.Limit);
        var dialling = new RelayDialer(dialerKey).DialAsync(relay.Endpoint, nodeKey.Node, RelayPort.Data, TestRelay.Limit);
        byte[] token = (await RelayFrames.ReadAsync(control.Stream, RelayJson.Default.RelayNotice, TestRelay.Limit)).Token!;

        var thief = await Should.ThrowAsync<RelayRefusedException>(new RelayDialer(otherKey).AnswerAsync(relay.Endpoint, token, TestRelay.Limit));
        using var answer = await new RelayDialer(nodeKey).AnswerAsync(relay.Endpoint, token, TestRelay.Limit);
        var again = await Should.ThrowAsync<RelayRefusedException>(new RelayDialer(nodeKey).AnswerAsync(relay.Endpoint, token, TestRelay.Limit));

        thief.Code.ShouldBe(RelayCode.Expired);
        again.Code.ShouldBe(RelayCode.Expired);
        (await dialling).Dispose();
    }

    [Fact]
    public async Task A_flood_of_calls_is_held_at_its_sender()
    {
        var time = new FakeTimeProvider();
        await using var relay = new TestRelay(new RelayOptions { MaxPendingPerIdentity = 4, HelloBurst = 10 }, time: time);
        using var nodeKey = TestRelay.Key("node");
        using var flooder = TestRelay.Key("flooder");
        using var control = await new RelayDialer(nodeKey).RegisterAsync(relay.Endpoint, TestRelay.Limit);
        var dialer = new RelayDialer(flooder);

        var held = Enumerable.Range(0, 4).Select(_ => dialer.DialAsync(relay.Endpoint, nodeKey.Node, RelayPort.Data, TestRelay.Limit)).ToList();
        await Eventually.Holds(() => Task.FromResult(relay.Server.Pending == 4), () => "four calls wait");
        for (int i = 0; i < 10; i++)
            (await Should.ThrowAsync<RelayRefusedException>(dialer.DialAsync(relay.Endpoint, nodeKey.Node, RelayPort.Data, TestRelay.Limit))).Code.ShouldBe(RelayCode.Busy);

        var over = Task.WhenAll(held.Select(d => d.ContinueWith(_ => { }, TaskScheduler.Default)));
        await TestRelay.AdvanceUntilAsync(time, TimeSpan.FromMilliseconds(500), over, "the calls did not expire");
        foreach (var dial in held)
            (await Should.ThrowAsync<RelayRefusedException>(dial)).Code.ShouldBe(RelayCode.Expired);
        relay.Server.Pending.ShouldBe(0);
        relay.Server.Splices.ShouldBe(0, "the places for their streams are free again");
    }

    [Fact]
    public async Task One_dialler_does_not_take_all_places_of_a_node_and_strangers_do_not_keep_the_platform_out()
    {
        using var nodeKey = TestRelay.Key("node");
        using var flooder = TestRelay.Key("flooder");
        using var honest = TestRelay.Key("honest");
        using var platform = TestRelay.Key("platform");
        var options = new RelayOptions { MaxSplicesPerPair = 2, MaxSplicesPerIdentity = 3, Platform = platform.Node };
        await using var relay = new TestRelay(options, time: new FakeTimeProvider());
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");
        Task<RelayLink> DialAsync(SigningKey key) => new RelayDialer(key).DialAsync(relay.Endpoint, nodeKey.Node, RelayPort.Data, TestRelay.Limit);

        using var one = await DialAsync(flooder);
        using var two = await DialAsync(flooder);
        (await Should.ThrowAsync<RelayRefusedException>(DialAsync(flooder))).Code.ShouldBe(RelayCode.Busy);
        using var three = await DialAsync(honest);
        (await Should.ThrowAsync<RelayRefusedException>(DialAsync(honest))).Code.ShouldBe(RelayCode.Busy);
        using var four = await DialAsync(platform);

        one.Dispose();
        two.Dispose();
        for (int i = 0; i < 4; i++)
        {
            var call = await node.CallAsync();
            if (call.From == flooder.Node)
                call.Link.Dispose();
        }

        await Eventually.Holds(() => Task.FromResult(relay.Server.Splices == 2), () => "the flooder's streams are over");
        (await DialAsync(flooder)).Dispose();
    }

    [Fact]
    public async Task Answers_to_calls_do_not_use_up_what_the_called_node_may_do()
    {
        await using var relay = new TestRelay(new RelayOptions { HelloBurst = 2 }, time: new FakeTimeProvider());
        await using var node = await TestNode.StartAsync(relay.Endpoint, "node");

        foreach (string name in new[] { "first", "second", "third" })
        {
            using var dialer = TestRelay.Key(name);
            using var link = await new RelayDialer(dialer).DialAsync(relay.Endpoint, node.Id, RelayPort.Data, TestRelay.Limit);
        }

        using var key = TestRelay.Key("node");
        using var still = await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit);
    }

    [Fact]
    public async Task A_slow_hello_is_cut_off_and_frees_its_place()
    {
        var time = new FakeTimeProvider();
        await using var relay = new TestRelay(new RelayOptions { MaxHandshakes = 2 }, time: time);
        var (slow, _) = await relay.ConnectAsync();
        var (slower, _) = await relay.ConnectAsync();
        await using (slow)
        await using (slower)
        {
            await slow.WriteAsync(new byte[] { 1 }, TestRelay.Limit);
            using var third = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await third.ConnectAsync(IPAddress.Loopback, relay.Server.Port, TestRelay.Limit);
            (await EndsAsync(third)).ShouldBeTrue("there is no place for a third");

            var ends = Task.WhenAll(EndsAsync(slow), EndsAsync(slower));
            await TestRelay.AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), ends, "slow hellos were not cut off");
            (await ends).ShouldBe([true, true]);
        }

        using var key = TestRelay.Key("node");
        await Eventually.Holds(async () =>
        {
            try
            {
                (await new RelayDialer(key).RegisterAsync(relay.Endpoint, TestRelay.Limit)).Dispose();
                return true;
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                return false;
            }
        }, () => "the places are free again");
    }

    private static async Task<bool> EndsAsync(Stream stream)
    {
        try
        {
            return await stream.ReadAsync(new byte[1], TestRelay.Limit) == 0;
        }
        catch (IOException)
        {
            // What was not read yet when it was cut off resets it.
            return true;
        }
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[1], TestRelay.Limit) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private sealed class Only(NodeId node) : IRelayAdmission
    {
        public bool MayRegister(NodeId asked) => asked == node;

        public ValueTask<bool> MayDialAsync(NodeId dialer, NodeId target, CancellationToken cancel) => new(dialer == node);
    }
}
