using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.Gateway.Tls;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Wire;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;

namespace Orchestrator.Gateway.Tests;

/// <summary>The relay in a gateway, by the worker's own link and relay client.</summary>
public sealed class RelayTests : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly SigningKey platform = Some.Key(90);
    private readonly SigningKey near = Some.Key(1);
    private readonly SigningKey far = Some.Key(2);
    private readonly SigningKey stranger = Some.Key(3);
    private readonly FakePlatform broker = new() { Registered = _ => false };
    private readonly List<IAsyncDisposable> running = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(running))
            await thing.DisposeAsync();
        foreach (var key in new[] { platform, near, far, stranger })
            key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Nodes_that_are_logged_in_and_the_platform_reach_a_node_through_the_gateway()
    {
        var gateway = await GatewayAsync();
        await JoinAsync(gateway, near);
        await JoinAsync(gateway, far);
        await ReachableAsync(gateway, far);

        (await EchoAsync(gateway, near, "from a node")).ShouldBe("from a node");
        (await EchoAsync(gateway, platform, "from the platform")).ShouldBe("from the platform");
        (await RefusalAsync(gateway, stranger)).ShouldBe(RelayCode.Forbidden);
    }

    [Fact]
    public async Task A_registered_node_may_dial_wherever_its_gateway_is()
    {
        broker.Registered = node => node == near.Node;
        var gateway = await GatewayAsync();
        await JoinAsync(gateway, far);
        await ReachableAsync(gateway, far);

        (await EchoAsync(gateway, near, "from another gateway")).ShouldBe("from another gateway");
        broker.Registered = _ => throw new HttpRequestException("gone");
        (await EchoAsync(gateway, near, "remembered")).ShouldBe("remembered");
        (await RefusalAsync(gateway, stranger)).ShouldBe(RelayCode.Forbidden);
    }

    [Fact]
    public async Task A_node_that_is_not_logged_in_is_not_reachable()
    {
        var gateway = await GatewayAsync();
        await JoinAsync(gateway, near);
        var presence = Presence(gateway, stranger);
        var refused = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        presence.Changed += (up, reason) => refused.TrySetResult(up ? "registered" : reason);
        presence.Start();

        (await refused.Task.WaitAsync(Cancel)).ShouldNotBe("registered");
        (await RefusalAsync(gateway, near, stranger.Node)).ShouldBe(RelayCode.Unknown);
    }

    [Fact]
    public async Task A_node_whose_stream_has_ended_keeps_no_place_at_the_relay()
    {
        var gateway = await GatewayAsync(o => o with { Relay = o.Relay with { MaxNodes = 1 } });
        using (var raw = new RawNode(gateway, near, TimeProvider.System))
        {
            using var work = await raw.JoinAsync();
            await ReachableAsync(gateway, near);
        }

        await Eventually.Holds(() => Task.FromResult(gateway.ConnectedNodes == 0), () => "the first node leaves", cancel: Cancel);

        await JoinAsync(gateway, far);
        await ReachableAsync(gateway, far);
    }

    [Fact]
    public async Task A_gateway_whose_relay_has_ended_is_not_alive()
    {
        var gateway = await GatewayAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{gateway.HealthPort}") };
        (await http.GetAsync("healthz", Cancel)).IsSuccessStatusCode.ShouldBeTrue();

        await gateway.Relay!.DisposeAsync();

        foreach (string path in new[] { "healthz", "readyz" })
            (await http.GetAsync(path, Cancel)).StatusCode.ShouldBe(System.Net.HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task Every_key_may_dial_where_the_options_say_so()
    {
        var gateway = await GatewayAsync(o => o with { Relay = o.Relay with { OpenToDial = true } });
        await JoinAsync(gateway, far);
        await ReachableAsync(gateway, far);

        (await EchoAsync(gateway, stranger, "hello")).ShouldBe("hello");
    }

    [Fact]
    public async Task A_renewed_certificate_is_shown_by_the_relay_too()
    {
        await using var gateway = await TestGateway.StartAsync(o => WithRelay(o) with { CertificateFile = folder["tls.crt"], CertificateKeyFile = folder["tls.key"] });
        var old = Endpoint(gateway.Host);
        (await RefusalAsync(old, platform, far.Node)).ShouldBe(RelayCode.Unknown);

        ServerCertificate.LoadOrCreate(folder["new.crt"], folder["new.key"], ["127.0.0.1"], gateway.Time.GetUtcNow());
        File.Move(folder["new.key"], folder["tls.key"], overwrite: true);
        File.Move(folder["new.crt"], folder["tls.crt"], overwrite: true);
        gateway.Time.Advance(TimeSpan.FromMinutes(1));

        var renewed = Endpoint(gateway.Host);
        renewed.Certificate.ShouldNotBe(old.Certificate);
        (await RefusalAsync(renewed, platform, far.Node)).ShouldBe(RelayCode.Unknown);
        await Should.ThrowAsync<AuthenticationException>(() => new RelayDialer(platform).DialAsync(old, far.Node, RelayPort.Data, Cancel));
    }

    [Fact]
    public void What_is_wrong_with_the_relay_is_told_where_it_is_enabled()
    {
        var wrong = new GatewayRelayOptions { Port = 8443, MaxSplices = 0 };
        var options = TestGateway.Options(folder) with { NodePort = 8443, Relay = wrong };
        GatewayOptionsCheck.Errors(options).ShouldBeEmpty();

        string message = string.Join('\n', GatewayOptionsCheck.Errors(options with { Relay = wrong with { Enabled = true } }));

        foreach (string name in new[] { "PlatformKey", "Port", "MaxSplices" })
            message.ShouldContain($"Gateway:Relay:{name}");
    }

    private GatewayOptions WithRelay(GatewayOptions options) =>
        options with { Relay = new GatewayRelayOptions { Enabled = true, Port = 0, PlatformKey = Convert.ToHexStringLower(platform.PublicKey) } };

    private static RelayEndpoint Endpoint(GatewayHost gateway) => new($"127.0.0.1:{gateway.RelayPort}", gateway.CertificateDigest);

    private async Task<GatewayHost> GatewayAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        var options = WithRelay(TestGateway.Options(folder));
        var gateway = await GatewayHost.StartAsync(change?.Invoke(options) ?? options, broker, TimeProvider.System);
        running.Add(gateway);
        return gateway;
    }

    private async Task JoinAsync(GatewayHost gateway, SigningKey key)
    {
        int before = gateway.ConnectedNodes;
        var target = new GatewayTarget([new Uri($"https://127.0.0.1:{gateway.NodePort}")], [gateway.CertificateDigest]);
        var link = new GatewayLink(target, key, 8, new Random(1), TimeProvider.System, NullLogger<GatewayLink>.Instance);
        running.Add(link);
        link.Start(_ => true);
        await Eventually.Holds(() => Task.FromResult(gateway.ConnectedNodes > before), () => "the node is not logged in", cancel: Cancel);
    }

    private RelayPresence Presence(GatewayHost gateway, SigningKey key)
    {
        var presence = new RelayPresence(Endpoint(gateway), new RelayDialer(key), (call, cancel) => call.Link.Stream.CopyToAsync(call.Link.Stream, cancel), TimeProvider.System);
        running.Add(presence);
        return presence;
    }

    /// <summary>Has a node send back whatever reaches it.</summary>
    private async Task ReachableAsync(GatewayHost gateway, SigningKey key)
    {
        var presence = Presence(gateway, key);
        var up = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        presence.Changed += (yes, _) => up.TrySetResult(yes);
        presence.Start();
        (await up.Task.WaitAsync(Cancel)).ShouldBeTrue();
    }

    private async Task<string> EchoAsync(GatewayHost gateway, SigningKey from, string text)
    {
        using var link = await new RelayDialer(from).DialAsync(Endpoint(gateway), far.Node, RelayPort.Data, Cancel);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        await link.Stream.WriteAsync(bytes, Cancel);
        byte[] back = new byte[bytes.Length];
        await link.Stream.ReadExactlyAsync(back, Cancel);
        return Encoding.UTF8.GetString(back);
    }

    private Task<RelayCode> RefusalAsync(GatewayHost gateway, SigningKey from, NodeId? target = null) => RefusalAsync(Endpoint(gateway), from, target ?? far.Node);

    private static async Task<RelayCode> RefusalAsync(RelayEndpoint relay, SigningKey from, NodeId target) =>
        (await Should.ThrowAsync<RelayRefusedException>(() => new RelayDialer(from).DialAsync(relay, target, RelayPort.Data, Cancel))).Code;
}
