using System.Net.Security;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Gateway.Tests;

/// <summary>Workers that can only dial out, at two gateways which relay for them: each has an address of its own and knows nothing of the other.</summary>
public sealed class RelayedNodesTests : IAsyncLifetime
{
    private static readonly string[] Hosts = ["127.0.0.1", "127.0.0.2"];

    private readonly TempFolder folder = new();
    private readonly SigningKey platform = Some.Key(90);
    private readonly FakePlatform broker = new();
    private readonly List<IAsyncDisposable> running = [];
    private readonly GatewayHost[] gateways = new GatewayHost[2];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Port => gateways[0].RelayPort!.Value;

    public async ValueTask InitializeAsync()
    {
        gateways[0] = await GatewayAsync(Hosts[0], 0);
        // A relay has the same port at each gateway, and a node knows no more of it.
        gateways[1] = await GatewayAsync(Hosts[1], Port);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(running))
            await thing.DisposeAsync();
        platform.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Nodes_of_two_relays_reach_each_other_and_the_death_of_one_moves_its_nodes_to_the_other()
    {
        using var first = await StartAsync(0);
        using var second = await StartAsync(1);

        var near = await RecordAsync(first.Node, 0);
        var far = await RecordAsync(second.Node, 1);
        (near.DataEndpoint, far.Relay!.Certificate).ShouldBe(("", gateways[1].CertificateDigest));
        (await AnswersAsync(far, first)).ShouldBeTrue();
        (await AnswersAsync(near, second)).ShouldBeTrue();
        (await AnswersAsync(far, platform)).ShouldBeTrue();

        await gateways[1].DisposeAsync();
        var moved = await RecordAsync(second.Node, 0);
        moved.ShouldBe(far with { Relay = near.Relay, IssuedAt = moved.IssuedAt, Capability = moved.Capability });
        (await AnswersAsync(moved, first)).ShouldBeTrue();
        (await AnswersAsync(moved, platform)).ShouldBeTrue();
    }

    private GatewayTarget Target => new([.. gateways.Select((g, i) => new Uri($"https://{Hosts[i]}:{g.NodePort}"))], []);

    private async Task<GatewayHost> GatewayAsync(string address, int relayPort)
    {
        string name = folder[address];
        var options = TestGateway.Options(folder) with
        {
            ListenAddress = address,
            Names = [address],
            CertificateFile = name + ".crt",
            CertificateKeyFile = name + ".key",
            Relay = new GatewayRelayOptions { Enabled = true, Port = relayPort, PlatformKey = Convert.ToHexStringLower(platform.PublicKey) },
        };
        var gateway = await GatewayHost.StartAsync(options, broker, TimeProvider.System);
        running.Add(gateway);
        return gateway;
    }

    private WorkerOptions Options() => new()
    {
        KeyFile = folder["node.key"],
        Host = "host",
        CacheFolder = folder["cache"],
        PlatformKey = Convert.ToHexStringLower(platform.PublicKey),
        GatewayUrl = string.Join(',', Target.Addresses),
        GatewayCertificate = string.Join(',', gateways.Select(g => g.CertificateDigest)),
        Direct = false,
        Relay = $":{Port}",
    };

    /// <summary>Starts a worker whose own order begins at this gateway; its key.</summary>
    private async Task<SigningKey> StartAsync(int gateway)
    {
        int number = Enumerable.Range(1, 100).First(i => Target.InOrderOf(Some.Node(i)).Addresses[0].Host == Hosts[gateway]);
        var options = Options() with { KeyFile = folder[$"{number}.key"], CacheFolder = folder[$"{number}"] };
        await File.WriteAllTextAsync(options.KeyFile, Convert.ToHexStringLower(Some.Bytes(32, number)), Cancel);
        running.Add(await WorkerHost.StartAsync(options));
        return Some.Key(number);
    }

    /// <summary>What a node has said of itself once it said that it is at a relay.</summary>
    private async Task<NodeRecord> RecordAsync(NodeId node, int gateway)
    {
        string relay = $"{Hosts[gateway]}:{Port}";
        return Records(await broker.Published.WhenAsync(all => Records(all, node).Any(r => r.Relay!.Endpoint == relay), $"a record of {node} at {relay}", Cancel), node).Last();
    }

    private static IEnumerable<NodeRecord> Records(IEnumerable<(string Topic, SignedMessage Message)> published, NodeId node) => published
        .Where(p => p.Message.Type == MessageTypes.NodeRecord)
        .Select(p => JsonSerializer.Deserialize(p.Message.Payload, ContractsJson.Default.NodeRecord)!)
        .Where(r => r.Node == node);

    /// <summary>Whether whoever is reached where a record says has the certificate that it says.</summary>
    private static async Task<bool> AnswersAsync(NodeRecord record, SigningKey from)
    {
        using var link = await new RelayDialer(from).DialAsync(record.Relay!, record.Node, RelayPort.Stream, Cancel);
        await using var tls = new SslStream(link.Stream);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = record.StreamEndpoint.Host,
                RemoteCertificateValidationCallback = (_, shown, _, _) => Digest.Of(shown!.GetRawCertData()) == record.CertificateDigest,
            },
            Cancel);
        return tls.IsAuthenticated;
    }
}
