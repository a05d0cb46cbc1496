using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Platform;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Gateway.Tests;

/// <summary>The worker's side against real gateways.</summary>
public sealed class LinkTests : IAsyncDisposable
{
    private readonly TempFolder folder = new();
    private readonly SigningKey key = Some.Key();
    private readonly FakePlatform platform = new();
    private readonly Recorder<SignedMessage> accepted = new();
    private readonly List<IAsyncDisposable> running = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Topic => Topics.Work(Some.Node());

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(running))
            await thing.DisposeAsync();
        key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_worker_takes_work_and_publishes_through_the_gateway()
    {
        var gateway = await GatewayAsync();
        var link = Link(gateway);
        platform.Send(Topic, TestGateway.Work(1));

        (await accepted.CountAsync(1, Cancel))[0].Payload.ShouldBe(TestGateway.Work(1).Payload);
        await new GatewayPlatformBus(link).PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key), Cancel);

        platform.Published.Items.ShouldHaveSingleItem().Topic.ShouldBe(Topics.Nodes);
        (await platform.Settled.CountAsync(1, Cancel))[0].Outcome.ShouldBe(Outcome.Accepted);
    }

    [Fact]
    public async Task A_worker_whose_gateway_dies_goes_on_at_another_and_loses_nothing()
    {
        var (first, second) = (await GatewayAsync(), await GatewayAsync());
        Link(first, second);
        platform.Send(Topic, TestGateway.Work(1));
        await platform.Settled.CountAsync(1, Cancel);

        await first.DisposeAsync();
        platform.Send(Topic, TestGateway.Work(2));

        (await accepted.CountAsync(2, Cancel)).Select(m => m.Payload).ShouldBe([TestGateway.Work(1).Payload, TestGateway.Work(2).Payload]);
        second.ConnectedNodes.ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_that_was_sent_away_comes_back()
    {
        var (first, second) = (await GatewayAsync(), await GatewayAsync());
        var link = Link(first, second);
        await new GatewayPlatformBus(link).PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key), Cancel);

        await first.DrainAsync();
        platform.Send(Topic, TestGateway.Work(1));

        await accepted.CountAsync(1, Cancel);
        second.ConnectedNodes.ShouldBe(1);
    }

    [Fact]
    public async Task A_token_that_another_replica_does_not_know_is_replaced()
    {
        var gateway = await GatewayAsync(o => o with { TokenKeyFile = null });
        var link = Link(gateway);
        var bus = new GatewayPlatformBus(link);
        await bus.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key), Cancel);
        await gateway.DisposeAsync();
        // On the same port with another secret: what the worker holds is void.
        await GatewayAsync(o => o with { NodePort = gateway.NodePort });

        await Eventually.Holds(
            async () =>
            {
                try
                {
                    await bus.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key, shards: 1), Cancel);
                    return true;
                }
                catch (GatewayException)
                {
                    return false;
                }
            },
            () => $"{platform.Published.Items.Count} published",
            cancel: Cancel);
        platform.Published.Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_gateway_with_another_certificate_than_the_pinned_one_learns_nothing()
    {
        var gateway = await GatewayAsync();
        var target = new GatewayTarget([Address(gateway)], [Some.Digest()]);
        var link = Link(target);

        await Should.ThrowAsync<GatewayException>(async () =>
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            limit.CancelAfter(TimeSpan.FromSeconds(2));
            await new GatewayPlatformBus(link).PublishAsync(Topics.Nodes, TestGateway.Heartbeat(key), limit.Token);
        });
        link.IsUp.ShouldBeFalse();
        gateway.ConnectedNodes.ShouldBe(0);
    }

    [Fact]
    public async Task Blobs_come_through_the_gateway()
    {
        var gateway = await GatewayAsync();
        byte[] bytes = Some.Bytes(3_000_000);
        var digest = await new FolderBlobStore(folder["blobs"]).PutAsync(new MemoryStream(bytes), Cancel);
        var store = new GatewayBlobStore(Link(gateway), TimeProvider.System);

        await using var content = await store.OpenAsync(digest, Cancel);
        using var copy = new MemoryStream();
        await content.CopyToAsync(copy, Cancel);

        copy.ToArray().ShouldBe(bytes);
        (await store.ExistsAsync(digest, Cancel)).ShouldBeTrue();
        await Should.ThrowAsync<FileNotFoundException>(() => store.OpenAsync(Some.Digest(), Cancel));
    }

    [Fact]
    public async Task A_download_outlives_its_gateway()
    {
        var (first, second) = (await GatewayAsync(), await GatewayAsync());
        byte[] bytes = Some.Bytes(20_000_000);
        var digest = await new FolderBlobStore(folder["blobs"]).PutAsync(new MemoryStream(bytes), Cancel);
        await using var content = await new GatewayBlobStore(Link(first, second), TimeProvider.System).OpenAsync(digest, Cancel);
        using var copy = new MemoryStream();
        byte[] some = new byte[100_000];
        copy.Write(some, 0, await content.ReadAsync(some, Cancel));

        await first.DisposeAsync();
        await content.CopyToAsync(copy, Cancel);

        copy.ToArray().ShouldBe(bytes);
    }

    [Fact]
    public void Pauses_grow_are_drawn_and_end_with_success()
    {
        var backoff = new Backoff(new Random(1));
        TimeSpan[] pauses = [.. Enumerable.Range(0, 40).Select(_ => backoff.Next())];

        pauses[0].ShouldBeLessThanOrEqualTo(Backoff.First);
        pauses.ShouldAllBe(p => p > TimeSpan.Zero && p <= Backoff.Longest);
        pauses[10..].ShouldAllBe(p => p >= Backoff.Longest * 0.2);
        pauses.Distinct().Count().ShouldBeGreaterThan(35);
        backoff.Reset();
        backoff.Next().ShouldBeLessThanOrEqualTo(Backoff.First);
    }

    [Theory]
    [InlineData("http://gateway.example:8443", null, "https://host:port")]
    [InlineData("https://gateway.example/path", null, "https://host:port")]
    [InlineData(" , ", null, "no address")]
    [InlineData("https://gateway.example", "abc", "64 hex digits")]
    public void A_target_that_cannot_be_used_is_explained(string addresses, string? pins, string reason)
    {
        GatewayTarget.TryParse("Worker:GatewayUrl", addresses, pins, out var target, out string? error).ShouldBeFalse();
        target.ShouldBeNull();
        error.ShouldNotBeNull().ShouldContain(reason);
    }

    [Fact]
    public void Nodes_spread_over_gateways_and_those_of_one_that_is_gone_over_the_others()
    {
        var target = new GatewayTarget([.. Enumerable.Range(0, 4).Select(i => new Uri($"https://gateway-{i}.example.org:8443"))], []);
        var fewer = target with { Addresses = [.. target.Addresses.Skip(1)] };
        var orders = Enumerable.Range(1, 400).Select(i => (Before: target.InOrderOf(Some.Node(i)).Addresses, After: fewer.InOrderOf(Some.Node(i)).Addresses)).ToList();

        foreach (var gateway in target.Addresses)
            orders.Count(o => o.Before[0] == gateway).ShouldBeInRange(60, 140);
        orders.ShouldAllBe(o => o.After.SequenceEqual(o.Before.Where(a => a != target.Addresses[0])));
        foreach (var gateway in fewer.Addresses)
            orders.Count(o => o.Before[0] == target.Addresses[0] && o.After[0] == gateway).ShouldBeInRange(15, 60);
    }

    [Theory]
    [InlineData(":8444", null, null, "Worker:GatewayUrl is missing")]
    [InlineData(":8444", "https://gateway.example.org", "0000000000000000000000000000000000000000000000000000000000000000", "Worker:RelayCertificate means nothing")]
    [InlineData(":0", "https://gateway.example.org", null, "or :port")]
    [InlineData(":relay", "https://gateway.example.org", null, "or :port")]
    public void A_relay_by_port_alone_needs_a_gateway_and_its_certificate(string relay, string? gateway, string? certificate, string reason) =>
        string.Join('\n', new WorkerOptions { Relay = relay, GatewayUrl = gateway, RelayCertificate = certificate }.Validate()).ShouldContain(reason);

    private static Uri Address(GatewayHost gateway) => new($"https://127.0.0.1:{gateway.NodePort}");

    private async Task<GatewayHost> GatewayAsync(Func<GatewayOptions, GatewayOptions>? change = null)
    {
        File.WriteAllText(folder["token.key"], new string('k', 40));
        var options = TestGateway.Options(folder) with { TokenKeyFile = folder["token.key"], ReconnectSpread = TimeSpan.FromMilliseconds(50) };
        var gateway = await GatewayHost.StartAsync(change?.Invoke(options) ?? options, platform, TimeProvider.System);
        running.Add(gateway);
        return gateway;
    }

    private GatewayLink Link(params GatewayHost[] gateways) => Link(new GatewayTarget([.. gateways.Select(Address)], [gateways[0].CertificateDigest]));

    private GatewayLink Link(GatewayTarget target)
    {
        var link = new GatewayLink(target, key, 8, new Random(1), TimeProvider.System, NullLogger<GatewayLink>.Instance);
        running.Add(link);
        link.Start(message =>
        {
            accepted.Add(message);
            return true;
        });
        return link;
    }
}
