using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;
using Orchestrator.Worker.Identity;
using Orchestrator.Worker.Links;

namespace Orchestrator.Gateway.Tests;

/// <summary>A node whose first gateway was away and is there again.</summary>
public sealed class ReturnTests : IAsyncDisposable
{
    private static readonly string[] Hosts = ["127.0.0.1", "127.0.0.2"];

    private readonly TempFolder folder = new();
    private readonly SigningKey key = Some.Key();
    private readonly SigningKey platform = Some.Key(90);
    private readonly FakePlatform broker = new();
    private readonly Recorder<SignedMessage> accepted = new();
    private readonly List<IAsyncDisposable> running = [];
    private readonly RunningClock clock = new();
    private readonly Watched time;
    private readonly GatewayHost?[] gateways = new GatewayHost?[2];
    private volatile bool settled = true;
    private int relayPort;

    public ReturnTests() => time = new Watched(clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Topic => Topics.Work(key.Node);

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(running))
            await thing.DisposeAsync();
        clock.Dispose();
        key.Dispose();
        platform.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task It_goes_back_there_first_and_leaves_the_other_when_nothing_needs_it_any_more()
    {
        var link = await AtTheSecondAsync();
        settled = false;
        await StartAsync(0);

        clock.Advance(GatewayLink.LookAgain / 2);
        await CountsAsync(1, 1);
        await TimersAsync(GatewayLink.Overlap, 1);
        for (int i = 2; i < 12; i++)
            broker.Send(Topic, TestGateway.Work(i));
        clock.Advance(GatewayLink.Overlap);
        await new GatewayPlatformBus(link).PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key), Cancel);
        await broker.Settled.CountAsync(11, Cancel);
        await TimersAsync(GatewayLink.Overlap, 2);
        gateways[1]!.ConnectedNodes.ShouldBe(1, "something is under way");

        settled = true;
        clock.Advance(GatewayLink.Overlap);
        await CountsAsync(1, 0);
        broker.Send(Topic, TestGateway.Work(12));
        await accepted.CountAsync(12, Cancel);
        accepted.Items.Select(m => Convert.ToHexString(m.Payload)).ShouldBeUnique();
        link.IsUp.ShouldBeTrue();
    }

    [Fact]
    public async Task Where_that_one_is_still_away_it_stays_and_looks_again()
    {
        var link = await AtTheSecondAsync();

        clock.Advance(GatewayLink.LookAgain / 2);
        broker.Send(Topic, TestGateway.Work(2));
        await accepted.CountAsync(2, Cancel);
        gateways[1]!.ConnectedNodes.ShouldBe(1);
        link.IsUp.ShouldBeTrue();

        await StartAsync(0);
        await TimersAsync(GatewayLink.LookAgain / 2, 2);
        clock.Advance(GatewayLink.LookAgain / 2);
        await CountsAsync(1, 1);
    }

    [Fact]
    public async Task The_relay_that_it_leaves_takes_calls_until_then()
    {
        await StartAsync(0);
        await StartAsync(1);
        Link(0);
        Link(1);
        await CountsAsync(1, 1);
        using var stream = Echo();
        using var certificate = NodeCertificate.Create(key.Node, TimeProvider.System);
        await using var incoming = new IncomingLinks(IPAddress.Loopback, 0, certificate, new NoFrames(), TimeProvider.System);
        await using var home = new RelayHome(new RelayDialer(key), incoming, (IPEndPoint)stream.LocalEndpoint, TimeProvider.System);
        var moves = new Recorder<RelayEndpoint>();
        home.Moved += () => moves.Add(home.Endpoint!);
        home.MoveTo(Relay(1));
        await moves.CountAsync(1, Cancel);
        using var open = await new RelayDialer(platform).DialAsync(Relay(1), key.Node, RelayPort.Stream, Cancel);
        (await EchoAsync(open, "before")).ShouldBe("before");

        var left = new TaskCompletionSource();
        home.MoveTo(Relay(0), left.Task);
        (await moves.CountAsync(2, Cancel))[1].ShouldBe(Relay(0));

        (await EchoAsync(open, "meanwhile")).ShouldBe("meanwhile");
        foreach (int gateway in new[] { 0, 1 })
        {
            using var call = await new RelayDialer(platform).DialAsync(Relay(gateway), key.Node, RelayPort.Stream, Cancel);
            (await EchoAsync(call, "a new call")).ShouldBe("a new call");
        }

        left.SetResult();
        await Eventually.Holds(async () => await CodeAsync(Relay(1)) == RelayCode.Unknown, () => "the relay has the node still", cancel: Cancel);
        (await CodeAsync(Relay(0))).ShouldBeNull();
        // To one that is being left, and which comes to be left at once by that.
        home.MoveTo(Relay(1), new TaskCompletionSource().Task);
        home.MoveTo(Relay(0));
        await Eventually.Holds(async () => await CodeAsync(Relay(0)) is null && await CodeAsync(Relay(1)) == RelayCode.Unknown, () => "the node is at the first relay alone", cancel: Cancel);
    }

    /// <summary>A node whose order begins with the first gateway, at the second since the first went away.</summary>
    private async Task<GatewayLink> AtTheSecondAsync()
    {
        await StartAsync(0);
        await StartAsync(1);
        var link = Link(0, 1);
        broker.Send(Topic, TestGateway.Work(1));
        await broker.Settled.CountAsync(1, Cancel);
        await CountsAsync(1, 0);
        await gateways[0]!.DisposeAsync();
        await Eventually.Holds(() => Task.FromResult(gateways[1]!.ConnectedNodes == 1 && link.IsUp), () => "the node is at the second gateway", cancel: Cancel);
        await TimersAsync(GatewayLink.LookAgain / 2, 1);
        return link;
    }

    /// <summary>The node, with these gateways in this order.</summary>
    private GatewayLink Link(params int[] order)
    {
        var link = new GatewayLink(
            new GatewayTarget([.. order.Select(i => new Uri($"https://{Hosts[i]}:{gateways[i]!.NodePort}"))], [.. order.Select(i => gateways[i]!.CertificateDigest)]),
            key, 8, new Soonest(), time, NullLogger<GatewayLink>.Instance, () => settled);
        running.Add(link);
        link.Start(message =>
        {
            accepted.Add(message);
            return true;
        });
        return link;
    }

    /// <summary>Starts a gateway, where it was before.</summary>
    private async Task StartAsync(int number)
    {
        string name = folder[Hosts[number]];
        var options = TestGateway.Options(folder) with
        {
            ListenAddress = Hosts[number],
            Names = [Hosts[number]],
            NodePort = gateways[number]?.NodePort ?? 0,
            CertificateFile = name + ".crt",
            CertificateKeyFile = name + ".key",
            // The node's clock jumps: that must not look like silence, nor like a login of another time.
            ClockSkew = TimeSpan.FromMinutes(30),
            PingInterval = TimeSpan.FromMinutes(1),
            Silence = TimeSpan.FromMinutes(10),
            Relay = new GatewayRelayOptions { Enabled = true, Port = relayPort, PlatformKey = Convert.ToHexStringLower(platform.PublicKey) },
        };
        gateways[number] = await GatewayHost.StartAsync(options, broker, TimeProvider.System);
        running.Add(gateways[number]!);
        relayPort = gateways[number]!.RelayPort!.Value;
    }

    private RelayEndpoint Relay(int gateway) => new($"{Hosts[gateway]}:{relayPort}", gateways[gateway]!.CertificateDigest);

    private Task CountsAsync(int first, int second) => Eventually.Holds(
        () => Task.FromResult(gateways[0]!.ConnectedNodes == first && gateways[1]!.ConnectedNodes == second),
        () => $"{gateways[0]!.ConnectedNodes} and {gateways[1]!.ConnectedNodes} streams",
        cancel: Cancel);

    /// <summary>Waits until so many timers of this length were set: before that a clock that jumps reaches none of them.</summary>
    private Task TimersAsync(TimeSpan length, int count) => time.Timers.WhenAsync(all => all.Count(l => l == length) >= count, $"{count} timers of {length}", Cancel);

    private static TcpListener Echo()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = ServeAsync();
        return listener;

        async Task ServeAsync()
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(Cancel);
                _ = client.GetStream().CopyToAsync(client.GetStream(), Cancel);
            }
        }
    }

    private static async Task<string> EchoAsync(RelayLink link, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        await link.Stream.WriteAsync(bytes, Cancel);
        byte[] back = new byte[bytes.Length];
        await link.Stream.ReadExactlyAsync(back, Cancel);
        return Encoding.UTF8.GetString(back);
    }

    /// <summary>Why a call is refused; null when it is not.</summary>
    private async Task<RelayCode?> CodeAsync(RelayEndpoint relay)
    {
        try
        {
            using var call = await new RelayDialer(platform).DialAsync(relay, key.Node, RelayPort.Stream, Cancel);
            return null;
        }
        catch (RelayRefusedException e)
        {
            return e.Code;
        }
    }

    /// <summary>Draws the shortest pauses.</summary>
    private sealed class Soonest : Random
    {
        public override double NextDouble() => 0;
    }

    /// <summary>A clock that tells which timers were set.</summary>
    private sealed class Watched(TimeProvider clock) : TimeProvider
    {
        public Recorder<TimeSpan> Timers { get; } = new();

        public override long TimestampFrequency => clock.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = clock.CreateTimer(callback, state, dueTime, period);
            Timers.Add(dueTime);
            return timer;
        }
    }

    private sealed class NoFrames : ILinkReceiver
    {
        public void Receive(Frame frame, PeerConnection? from)
        {
        }

        public int Limit(FrameHeader header, PeerConnection from) => 0;

        public void Broken(PeerConnection link, string reason)
        {
        }
    }
}
