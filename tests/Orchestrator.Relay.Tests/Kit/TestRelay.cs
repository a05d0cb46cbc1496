using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Relay.Tests.Kit;

/// <summary>A relay on loopback whose clock stands still unless a test moves it: nothing that waits for a peer runs out of time on a busy machine.</summary>
internal sealed class TestRelay : IAsyncDisposable
{
    private readonly X509Certificate2 certificate = RelayCertificate.Create(TimeProvider.System);

    public TestRelay(RelayOptions? options = null, IRelayAdmission? admission = null, TimeProvider? time = null)
    {
        Server = new RelayServer((options ?? new RelayOptions()) with { Address = IPAddress.Loopback, Port = 0 }, certificate, admission ?? new OpenAdmission(), time ?? new FakeTimeProvider());
        Server.Start();
    }

    public RelayServer Server { get; }

    public RelayEndpoint Endpoint => new($"127.0.0.1:{Server.Port}", Server.Certificate);

    /// <summary>Ends with the test, and a wait for something that never comes after a minute.</summary>
    public static CancellationToken Limit
    {
        get
        {
            var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromMinutes(1));
            return limit.Token;
        }
    }

    /// <summary>Moves the clock on until something ends: whoever waits for the clock may not have begun to.</summary>
    public static async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan step, Task ends, string what)
    {
        await Eventually.Holds(
            () =>
            {
                if (!ends.IsCompleted)
                    time.Advance(step);
                return Task.FromResult(ends.IsCompleted);
            },
            () => what);
        await ends;
    }

    public static SigningKey Key(string name) => SigningKey.FromSeed(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>The outer TLS and the relay's challenge, to go on by hand.</summary>
    public async Task<(SslStream Stream, byte[] Challenge)> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, Server.Port, Limit);
        var tls = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "relay", RemoteCertificateValidationCallback = (_, presented, _, _) => Digest.Of(presented!.GetRawCertData()) == Server.Certificate }, Limit);
        return (tls, (await RelayFrames.ReadAsync(tls, RelayJson.Default.RelayChallenge, Limit)).Challenge);
    }

    /// <summary>Says hello by hand.</summary>
    public static async Task<RelayReply> SayAsync(Stream stream, SignedMessage message)
    {
        await RelayFrames.WriteAsync(stream, message, RelayJson.Default.SignedMessage, Limit);
        return await RelayFrames.ReadAsync(stream, RelayJson.Default.RelayReply, Limit);
    }

    public static SignedMessage Sign(RelayHello hello, SigningKey key) => MessageSigning.Seal(RelayHello.MessageType, hello, RelayJson.Default.RelayHello, key);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        certificate.Dispose();
    }
}

/// <summary>A node that is reachable through a relay and hands its calls to the test.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private readonly SigningKey key;
    private readonly RelayPresence presence;
    private readonly Channel<RelayCall> calls = Channel.CreateUnbounded<RelayCall>();
    private readonly TaskCompletionSource up = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TestNode(RelayEndpoint relay, string name)
    {
        key = TestRelay.Key(name);
        presence = new RelayPresence(relay, new RelayDialer(key), HandleAsync, TimeProvider.System);
        presence.Changed += (reachable, _) =>
        {
            if (reachable)
                up.TrySetResult();
        };
        presence.Start();
    }

    public NodeId Id => key.Node;

    public static async Task<TestNode> StartAsync(RelayEndpoint relay, string name)
    {
        var node = new TestNode(relay, name);
        await node.up.Task.WaitAsync(TestRelay.Limit);
        return node;
    }

    public async Task<RelayCall> CallAsync() => await calls.Reader.ReadAsync(TestRelay.Limit);

    public async ValueTask DisposeAsync()
    {
        over.TrySetResult();
        await presence.DisposeAsync();
        key.Dispose();
    }

    private async Task HandleAsync(RelayCall call, CancellationToken cancel)
    {
        await calls.Writer.WriteAsync(call, cancel);
        await over.Task.WaitAsync(cancel);
    }
}
