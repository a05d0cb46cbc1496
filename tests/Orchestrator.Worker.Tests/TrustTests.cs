using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Verification;
using Orchestrator.Worker.Identity;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class TrustTests
{
    [Fact]
    public async Task A_hop_that_shows_another_certificate_is_not_spoken_to()
    {
        await using var network = await TestNetwork.StartAsync(2, "x");
        var wrong = Digest.Of("another certificate"u8);
        // Only the edge is told the wrong digest, so only its pin can refuse.
        var result = await network.AskAsync(network.Assignments("q", change: a => a.Stage == 0
            ? a with { Hops = [a.Hops[0], a.Hops[1] with { CertificateDigest = wrong }] }
            : a));
        result.Failure!.ShouldSatisfyAllConditions(f => f.Code.ShouldBe(FailureCodes.Unreachable), f => f.Stage.ShouldBe(1));
    }

    [Fact]
    public async Task A_stranger_can_connect_but_not_touch_a_session()
    {
        await using var network = await TestNetwork.StartAsync(2, "untouched");
        using var gate = Gate.AtDecode(network.Loaders[1], 6);
        var assignments = network.Assignments("q");
        var session = await network.AssignAsync(assignments);
        await gate.ReachedAsync();
        await using var stranger = await Stranger.DialAsync(network.Nodes[1].DataEndpoint);
        await using var atEdge = await Stranger.DialAsync(network.Nodes[0].DataEndpoint);
        var key = SessionKey.Of(session);
        await stranger.SendAsync(FrameEncoder.Encode(new FrameHeader(FrameType.Cancel, key, 1)));
        await stranger.SendAsync(FrameEncoder.Encode(new FrameHeader(FrameType.Close, key, 1), "[]"u8));
        await atEdge.SendAsync(FrameEncoder.Encode(new FrameHeader(FrameType.Error, key, 1), "{\"code\":\"internal\",\"message\":\"\",\"stage\":1}"u8));
        await atEdge.SendAsync(FrameEncoder.Encode(new FrameHeader(FrameType.Drawn, key, TokenCount: 1, Position: 6), DrawCodec.Encode([new TokenDraw(65, 0, [])])));
        await stranger.PingAsync();
        await atEdge.PingAsync();
        gate.Open();
        var result = await network.Bus.ResultAsync(session);
        result.Failure.ShouldBeNull();
        result.Choices[0].Text.ShouldBe("untouched");
    }

    [Fact]
    public async Task A_frame_beyond_its_sessions_limit_ends_the_link_before_it_is_read()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        await using var stranger = await Stranger.DialAsync(network.Nodes[0].DataEndpoint);
        await stranger.SendAsync(FrameEncoder.Encode(new FrameHeader(FrameType.Closed, 7), new byte[1 << 20]));
        await stranger.ShouldBeClosedAsync();
    }

    [Fact]
    public async Task Bytes_that_are_no_frame_end_the_link_and_nothing_else()
    {
        await using var network = await TestNetwork.StartAsync(1, "fine");
        await using (var stranger = await Stranger.DialAsync(network.Nodes[0].DataEndpoint))
        {
            await stranger.SendAsync(Enumerable.Repeat((byte)0xFF, 4096).ToArray());
            await stranger.ShouldBeClosedAsync();
        }

        (await network.AskAsync(network.Assignments("q"))).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task Messages_that_the_platform_did_not_sign_have_no_effect()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        using var forger = SigningKey.FromSeed(new byte[32]);
        var assignment = network.Assignments("q")[0];
        (await network.DeliverAsync(0, MessageTypes.Assignment, assignment, ContractsJson.Default.Assignment, forger)).ShouldContain("DROP");
        var sealedOne = MessageSigning.Seal(MessageTypes.Assignment, assignment, ContractsJson.Default.Assignment, network.Platform);
        byte[] changed = [.. sealedOne.Payload];
        changed[^2] ^= 1;
        (await network.DeliverAsync(0, sealedOne with { Payload = changed })).ShouldContain("DROP");
        (await network.DeliverAsync(0, sealedOne with { Type = MessageTypes.Cancellation })).ShouldContain("DROP");
        network.Nodes[0].ActiveSessions.ShouldBe(0);
    }

    public static TheoryData<string> Misfits => ["foreign", "expired", "session", "stage", "edge", "choices", "schema"];

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task Assignments_that_do_not_fit_have_no_effect(string what)
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        var good = network.Assignments("q")[0];
        var other = SigningKey.FromSeed(new byte[32]);
        var bad = what switch
        {
            "foreign" => good with { Node = other.Node },
            "expired" => good with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) },
            "session" => good with { Session = SessionId.Derive(good.Job, 1, 1) },
            "stage" => good with { Stage = 3 },
            "edge" => good with { Edge = null },
            "choices" => good with { Choices = 17 },
            _ => good with { SchemaVersion = 2 },
        };
        (await network.AssignAsync(0, bad)).ShouldContain("DROP");
        network.Nodes[0].ActiveSessions.ShouldBe(0);
        network.Bus.Results().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_assignment_delivered_many_times_runs_once()
    {
        await using var network = await TestNetwork.StartAsync(2, "once");
        var assignments = network.Assignments("q");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => network.AssignAsync(i % 2, assignments[i % 2])));
        (await network.Bus.ResultAsync(assignments[0].Session)).Choices[0].Text.ShouldBe("once");
        await network.ShouldBeFreeAsync();
        (await network.AssignAsync(0, assignments[0])).ShouldContain("DROP");
        network.Bus.Results().Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_sidecars_token_is_asked_for()
    {
        await using var network = await TestNetwork.StartAsync(1, "x", (_, o) => o with { AppApiToken = "secret" }, place: false);
        using var http = new HttpClient();
        var address = new Uri($"http://127.0.0.1:{network.Nodes[0].AppPort}/dapr/subscribe");
        (await http.GetAsync(address, TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await http.PostAsync(new Uri(address, "/work"), new StringContent("{}"), TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        http.DefaultRequestHeaders.Add("dapr-api-token", "secret");
        string body = await http.GetStringAsync(address, TestContext.Current.CancellationToken);
        string topic = $"work.{network.Nodes[0].Node}";
        body.ShouldBe($$"""[{"pubsubname":"pubsub","topic":"{{topic}}","route":"/work","deadLetterTopic":"{{topic}}.dead"}]""");
    }

    [Fact]
    public async Task The_listeners_do_not_serve_each_others_paths()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null } });
        var cancel = TestContext.Current.CancellationToken;
        (await http.GetAsync(new Uri(network.Nodes[0].StreamEndpoint, "/dapr/subscribe"), cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.GetAsync($"http://127.0.0.1:{network.Nodes[0].AppPort}/sessions/{new string('0', 32)}/stream", cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    /// <summary>A TLS peer with a certificate that no assignment names.</summary>
    private sealed class Stranger(SslStream tls) : IAsyncDisposable
    {
        public static async Task<Stranger> DialAsync(string endpoint)
        {
            using var key = SigningKey.FromSeed(Encoding.ASCII.GetBytes("a stranger's seed of 32 bytes ok"));
            var certificate = NodeCertificate.Create(key.Node, TimeProvider.System);
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPEndPoint.Parse(endpoint));
            var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                ClientCertificateContext = SslStreamCertificateContext.Create(certificate.Certificate, null, offline: true),
                RemoteCertificateValidationCallback = (_, presented, _, _) => presented is not null,
            });
            return new Stranger(tls);
        }

        public async Task SendAsync(FrameBuffer frame)
        {
            using (frame)
                await SendAsync(frame.Memory.ToArray());
        }

        public async Task SendAsync(byte[] bytes)
        {
            try
            {
                await tls.WriteAsync(bytes);
            }
            catch (IOException)
            {
                // The node may close while this still writes.
            }
        }

        /// <summary>Returns when the node has handled all frames sent before.</summary>
        public async Task PingAsync()
        {
            await SendAsync(FrameEncoder.Encode(new FrameHeader(FrameType.Ping, 0)));
            byte[] frame = new byte[FrameHeader.Size];
            // The node may ask for a sign of life itself.
            do
                await tls.ReadExactlyAsync(frame).AsTask().WaitAsync(TestNetwork.Patience);
            while (frame[4] == (byte)FrameType.Ping);
            frame[4].ShouldBe((byte)FrameType.Pong);
        }

        public async Task ShouldBeClosedAsync()
        {
            byte[] rest = new byte[4096];
            try
            {
                while (await tls.ReadAsync(rest).AsTask().WaitAsync(TestNetwork.Patience) > 0)
                {
                }
            }
            catch (IOException)
            {
            }
        }

        public ValueTask DisposeAsync() => tls.DisposeAsync();
    }
}
