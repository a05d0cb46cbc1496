using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Gateway;

namespace Orchestrator.Gateway.Tests;

/// <summary>Nodes with a broker of their own: they open no stream of work here and get their blobs all the same, by their key and if they are registered.</summary>
public sealed class BrokerNodeTests : IAsyncDisposable
{
    private static readonly byte[] Bytes = Some.Bytes(20_000_000);

    private readonly TempFolder folder = new();
    private readonly SigningKey key = Some.Key();
    private readonly FakePlatform platform = new();
    private readonly List<IAsyncDisposable> running = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var thing in Enumerable.Reverse(running))
            await thing.DisposeAsync();
        key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_registered_node_downloads_without_a_stream_of_work_and_goes_on_at_the_next_gateway()
    {
        var (first, second) = (await GatewayAsync(), await GatewayAsync());
        platform.Registered = node => node == key.Node;
        var digest = await PutAsync();
        using var doors = Doors(first, second);
        var store = new GatewayBlobStore(doors, TimeProvider.System);
        await using var content = await store.OpenAsync(digest, Cancel);
        using var copy = new MemoryStream();
        byte[] some = new byte[100_000];
        copy.Write(some, 0, await content.ReadAsync(some, Cancel));

        await first.DisposeAsync();
        await content.CopyToAsync(copy, Cancel);

        copy.ToArray().ShouldBe(Bytes);
        second.ConnectedNodes.ShouldBe(0);
        await Should.ThrowAsync<FileNotFoundException>(() => store.OpenAsync(Some.Digest(), Cancel));
    }

    [Fact]
    public async Task A_key_that_the_platform_does_not_know_is_told_so_until_it_is_registered()
    {
        await using var gateway = await TestGateway.StartAsync();
        var digest = await new FolderBlobStore(gateway.Blobs).PutAsync(new MemoryStream(Bytes), Cancel);
        var known = false;
        gateway.Platform.Registered = _ => known;
        var stranger = await gateway.Connect().LogInAsync();

        var refused = await GetAsync(stranger, digest);

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync(Cancel)).ShouldContain($"node {stranger.Key.Node} is not registered here");
        known = true;
        (await GetAsync(stranger, digest)).StatusCode.ShouldBe(HttpStatusCode.OK);
        known = false;
        (await GetAsync(stranger, digest)).StatusCode.ShouldBe(HttpStatusCode.OK, "who is registered stays so for longer than a token is good");
    }

    [Fact]
    public async Task The_worker_says_why_it_gets_no_blobs()
    {
        var gateway = await GatewayAsync();
        platform.Registered = _ => false;
        using var doors = Doors(gateway);

        var error = await Should.ThrowAsync<IOException>(async () => await new GatewayBlobStore(doors, new Hurried()).OpenAsync(await PutAsync(), Cancel));

        error.Message.ShouldContain("is not registered here");
    }

    [Fact]
    public async Task A_stream_of_work_is_registration_enough()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Platform.Registered = _ => false;
        var digest = await new FolderBlobStore(gateway.Blobs).PutAsync(new MemoryStream(Bytes), Cancel);
        var node = gateway.Connect();
        using var work = await node.JoinAsync();

        (await GetAsync(node, digest)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task While_the_control_plane_cannot_say_nobody_is_let_in_or_sent_away_for_good()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Platform.Registered = _ => throw new HttpRequestException("gone");
        var node = await gateway.Connect().LogInAsync();

        var refused = await GetAsync(node, Some.Digest());

        refused.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await refused.Content.ReadAsStringAsync(Cancel)).ShouldContain("try again");
    }

    [Fact]
    public async Task A_login_that_was_recorded_or_is_old_opens_no_download()
    {
        await using var gateway = await TestGateway.StartAsync();
        var digest = await new FolderBlobStore(gateway.Blobs).PutAsync(new MemoryStream(Bytes), Cancel);
        var (node, thief) = (gateway.Connect(), gateway.Connect(2));
        var login = node.Sign(await node.ChallengeAsync());
        node.Token = (await node.LoginAsync(login)).Token;
        await thief.ChallengeAsync();

        var replayed = await RawNode.RefusalAsync(() => thief.LoginAsync(login));
        var stale = await RawNode.RefusalAsync(async () => await node.LoginAsync(node.Sign(await node.ChallengeAsync(), l => l with { At = l.At.AddMinutes(-5) })));

        (replayed.StatusCode, replayed.Detail).ShouldBe((StatusCode.Unauthenticated, "the login answers another challenge: log in anew on this connection"));
        stale.Detail.ShouldContain("clock is off by 300 s");
        (await GetAsync(node, digest)).StatusCode.ShouldBe(HttpStatusCode.OK);
        gateway.Time.Advance(TimeSpan.FromMinutes(11));
        (await GetAsync(gateway.Connect(3), digest, node.Token)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized, "tokens end");
    }

    [Fact]
    public async Task A_token_for_blobs_opens_no_other_way_in()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = await gateway.Connect().LogInAsync();

        var published = await RawNode.RefusalAsync(() => node.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(node.Key)));

        published.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        foreach (string path in new[] { "api/blobs", "blobs", "nodes" })
            (await GetAsync(node, path)).StatusCode.ShouldBe(HttpStatusCode.NotFound, path);
    }

    [Fact]
    public async Task The_control_plane_is_asked_at_its_address()
    {
        var asked = new Recorder<string>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var upstream = builder.Build();
        upstream.MapGet("/api/nodes/{id}/registration", (string id) =>
        {
            asked.Add(id);
            return id == key.Node.Value ? Results.NoContent() : Results.NotFound();
        });
        await upstream.StartAsync(Cancel);
        var options = TestGateway.Options(folder) with { NodesUrl = new Uri(upstream.Urls.First() + "/api/nodes") };
        await using var gateway = await GatewayHost.StartAsync(options, new ConfigurationBuilder().Build());
        var digest = await PutAsync();
        using var node = new RawNode(gateway, key, TimeProvider.System);
        using var other = Some.Key(7);
        using var stranger = new RawNode(gateway, other, TimeProvider.System);

        (await GetAsync(await node.LogInAsync(), digest)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(node, digest)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await GetAsync(await stranger.LogInAsync(), digest)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        asked.Items.ShouldBe([key.Node.Value, other.Node.Value]);
    }

    private async Task<GatewayHost> GatewayAsync()
    {
        var gateway = await GatewayHost.StartAsync(TestGateway.Options(folder), platform, TimeProvider.System);
        running.Add(gateway);
        return gateway;
    }

    private Task<Digest> PutAsync() => new FolderBlobStore(folder["blobs"]).PutAsync(new MemoryStream(Bytes), Cancel);

    private GatewayDoors Doors(params GatewayHost[] gateways) => new(
        new GatewayTarget([.. gateways.Select(g => new Uri($"https://127.0.0.1:{g.NodePort}"))], [.. gateways.Select(g => g.CertificateDigest)]), key, TimeProvider.System);

    private static Task<HttpResponseMessage> GetAsync(RawNode node, Digest digest, string? token = null) => GetAsync(node, $"blobs/{digest}", token);

    private static async Task<HttpResponseMessage> GetAsync(RawNode node, string path, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? node.Token);
        return await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }

    /// <summary>A clock whose timers are due at once.</summary>
    private sealed class Hurried : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromTicks(1) : dueTime, period);
    }
}
