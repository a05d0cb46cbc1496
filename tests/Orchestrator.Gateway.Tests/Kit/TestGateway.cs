using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Gateway.Tests.Kit;

/// <summary>A gateway on loopback with a broker in memory and a clock that stands until the test moves it.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly List<IDisposable> owned = [];

    private TestGateway()
    {
    }

    public FakePlatform Platform { get; private init; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    public GatewayHost Host { get; private set; } = null!;

    public string Blobs => folder["blobs"];

    public static GatewayOptions Options(TempFolder folder) => new()
    {
        ListenAddress = "127.0.0.1",
        NodePort = 0,
        HealthPort = 0,
        CertificateFile = folder["tls.crt"],
        CertificateKeyFile = folder["tls.key"],
        SelfSigned = true,
        Names = ["127.0.0.1"],
        BlobFolder = folder["blobs"],
    };

    public static async Task<TestGateway> StartAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var gateway = new TestGateway();
        var options = Options(gateway.folder);
        gateway.Host = await GatewayHost.StartAsync(change?.Invoke(options) ?? options, gateway.Platform, gateway.Time);
        return gateway;
    }

    /// <summary>A connection of the node with this number.</summary>
    public RawNode Connect(int number = 1)
    {
        var node = new RawNode(Host, Some.Key(number), Time);
        owned.Add(node);
        owned.Add(node.Key);
        return node;
    }

    /// <summary>Something a node may publish.</summary>
    public static SignedMessage Heartbeat(SigningKey key, int shards = 0) => MessageSigning.Seal(
        MessageTypes.NodeHeartbeat,
        new NodeHeartbeat(1, key.Node, 1, [.. Enumerable.Range(0, shards).Select(i => new ShardStatus(Some.Digest(i), i, ShardState.Ready))], 0, false, DateTimeOffset.UnixEpoch),
        ContractsJson.Default.NodeHeartbeat,
        key);

    /// <summary>Something the platform sends.</summary>
    public static SignedMessage Work(int number)
    {
        using var platform = Some.Key(99);
        return MessageSigning.Seal(
            MessageTypes.Cancellation, new Cancellation(1, Some.Node(), Some.Session(number), DateTimeOffset.UnixEpoch), ContractsJson.Default.Cancellation, platform);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in owned)
            thing.Dispose();
        await Host.DisposeAsync();
        folder.Dispose();
    }
}
