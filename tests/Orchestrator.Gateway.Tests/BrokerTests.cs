using Dapr.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.Sidecar;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;

namespace Orchestrator.Gateway.Tests;

/// <summary>Two gateways of one app-id, a Dapr-compatible sidecar with scopes and tokens between them and the platform, a worker outside.</summary>
public sealed class BrokerTests : IAsyncLifetime
{
    private const string Components = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: pubsub }
        spec: { type: pubsub.redis, version: v1, metadata: [ { name: publishingScopes, value: "gateway=nodes,results,audits" } ] }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: r }
        spec:
          policies: { retries: { quick: { policy: constant, duration: 10ms, maxRetries: 3 } } }
          targets: { components: { pubsub: { inbound: { retry: quick } } } }
        """;

    private readonly TempFolder folder = new();
    private readonly SigningKey key = Some.Key();
    private readonly Recorder<SignedMessage> accepted = new();
    private readonly List<IAsyncDisposable> running = [];
    private SidecarHost sidecar = null!;
    private DaprClient platform = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Topic => Topics.Work(Some.Node());

    public async ValueTask InitializeAsync()
    {
        folder.Write("components/all.yaml", System.Text.Encoding.UTF8.GetBytes(Components));
        sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { ComponentsDirectory = folder["components"], Apps = [new AppOptions { AppId = "gateway", ApiToken = "secret" }, new AppOptions { AppId = "control-plane" }] }, Cancel);
        platform = new DaprClientBuilder().UseGrpcEndpoint(sidecar.GetApp("control-plane").GrpcEndpoint.ToString()).Build();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(running))
            await thing.DisposeAsync();
        platform.Dispose();
        await sidecar.DisposeAsync();
        key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Work_waits_for_a_node_that_is_away_and_meets_it_at_any_gateway()
    {
        var (first, second) = (await GatewayAsync(), await GatewayAsync());
        var link = Link(first);
        await SendAsync(1);
        await accepted.CountAsync(1, Cancel);
        await link.DisposeAsync();
        await Eventually.Holds(() => Task.FromResult(first.ConnectedNodes == 0), () => $"{first.ConnectedNodes} nodes", cancel: Cancel);

        await SendAsync(2);
        Link(second);

        // The first may come again: the link can go before its acknowledgement is through.
        var came = await accepted.WhenAsync(all => all.Any(m => m.Payload.SequenceEqual(TestGateway.Work(2).Payload)), "the second work", Cancel);
        came.Select(m => Convert.ToHexString(m.Payload)).Distinct().ShouldBe([Convert.ToHexString(TestGateway.Work(1).Payload), Convert.ToHexString(TestGateway.Work(2).Payload)]);
    }

    [Fact]
    public async Task A_worker_that_breaks_on_a_message_gets_it_again_until_the_broker_puts_it_aside()
    {
        var gateway = await GatewayAsync();
        int attempts = 0;
        Link(gateway, _ => Interlocked.Increment(ref attempts) <= 100 ? throw new InvalidOperationException("as asked") : true);
        using var dead = new DaprTopic(sidecar.GetApp("control-plane"), Topics.DeadLetter(Topic));
        await SendAsync(1);

        (await dead.NextAsync()).ShouldContain("cancellation/1");
        attempts.ShouldBe(4);
    }

    [Fact]
    public async Task What_a_worker_publishes_reaches_the_control_plane()
    {
        var gateway = await GatewayAsync();
        using var nodes = new DaprTopic(sidecar.GetApp("control-plane"), Topics.Nodes);

        await new GatewayPlatformBus(Link(gateway)).PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key), Cancel);

        (await nodes.NextAsync()).ShouldContain("node-heartbeat/1");
    }

    [Fact]
    public async Task Health_is_told_on_its_own_port_only()
    {
        var gateway = await GatewayAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gateway.HealthPort}") };
        (await http.GetAsync("healthz", Cancel)).IsSuccessStatusCode.ShouldBeTrue();
        (await http.GetAsync("readyz", Cancel)).IsSuccessStatusCode.ShouldBeTrue();
        (await http.GetAsync($"blobs/{Some.Digest()}", Cancel)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);

        await sidecar.DisposeAsync();
        var refused = await http.GetAsync("readyz", Cancel);

        refused.StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
        (await refused.Content.ReadAsStringAsync(Cancel)).ShouldContain("sidecar");
    }

    private Task SendAsync(int number) => platform.PublishByteEventAsync(
        Topics.PubSub,
        Topic,
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(TestGateway.Work(number), ContractsJson.Default.SignedMessage),
        "application/json",
        cancellationToken: Cancel);

    private async Task<GatewayHost> GatewayAsync()
    {
        var served = sidecar.GetApp("gateway");
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DAPR_GRPC_ENDPOINT"] = served.GrpcEndpoint.ToString(),
            ["DAPR_HTTP_ENDPOINT"] = served.HttpEndpoint.ToString(),
            ["DAPR_API_TOKEN"] = "secret",
        }).Build();
        var gateway = await GatewayHost.StartAsync(TestGateway.Options(folder), configuration);
        running.Add(gateway);
        return gateway;
    }

    private GatewayLink Link(GatewayHost gateway, Func<SignedMessage, bool>? accept = null)
    {
        var target = new GatewayTarget([new Uri($"https://127.0.0.1:{gateway.NodePort}")], [gateway.CertificateDigest]);
        var link = new GatewayLink(target, key, 8, new Random(1), TimeProvider.System, NullLogger<GatewayLink>.Instance);
        running.Add(link);
        link.Start(accept ?? (message =>
        {
            accepted.Add(message);
            return true;
        }));
        return link;
    }
}
