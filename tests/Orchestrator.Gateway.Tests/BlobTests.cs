using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Gateway.Tests;

/// <summary>Downloads by nodes.</summary>
public sealed class BlobTests
{
    private static readonly byte[] Bytes = Some.Bytes(1000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_logged_in_reads_a_blob_whole_or_in_part()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (node, digest) = await ReadyAsync(gateway);

        (await (await GetAsync(node, digest.Value)).Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(Bytes);
        var part = await GetAsync(node, digest.Value, from: 900);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await part.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(Bytes[900..]);
        (await GetAsync(node, digest.Value, from: 1000)).StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task Without_a_token_there_is_nothing_to_see()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (node, digest) = await ReadyAsync(gateway);
        node.Token = null;

        (await GetAsync(node, digest.Value)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        node.Token = "x.1.y";
        (await GetAsync(node, Some.Digest().Value)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("..%2f..%2ftls.key", HttpStatusCode.BadRequest)]
    [InlineData("../tls.key", HttpStatusCode.NotFound)]
    [InlineData("ABCD", HttpStatusCode.BadRequest)]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", HttpStatusCode.NotFound)]
    public async Task Only_digests_name_blobs(string name, HttpStatusCode status)
    {
        await using var gateway = await TestGateway.StartAsync();
        var (node, _) = await ReadyAsync(gateway);

        (await GetAsync(node, name)).StatusCode.ShouldBe(status);
    }

    [Fact]
    public async Task What_the_control_plane_has_comes_in_part_too_and_with_the_gateways_own_key()
    {
        var asked = new Recorder<(string Key, string Range)>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var upstream = builder.Build();
        upstream.MapGet("/api/blobs/{digest}", (HttpContext http, string digest) =>
        {
            asked.Add((http.Request.Headers.Authorization.ToString(), http.Request.Headers.Range.ToString()));
            return digest == Digest.Of(Bytes).Value ? Results.Bytes(Bytes, enableRangeProcessing: true) : Results.NotFound();
        });
        await upstream.StartAsync(Cancel);
        using var folder = new TempFolder();
        string key = folder.Write("key", "admin-key\n"u8.ToArray());
        await using var gateway = await TestGateway.StartAsync(o => o with { BlobFolder = null, BlobUrl = new Uri(upstream.Urls.First() + "/api/blobs"), BlobKeyFile = key });
        var node = await gateway.Connect().LogInAsync();

        (await (await GetAsync(node, Digest.Of(Bytes).Value)).Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(Bytes);
        var part = await GetAsync(node, Digest.Of(Bytes).Value, from: 900);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        part.Content.Headers.ContentRange!.ToString().ShouldBe("bytes 900-999/1000");
        (await part.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(Bytes[900..]);
        (await GetAsync(node, Digest.Of(Bytes).Value, from: 1000)).StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        (await GetAsync(node, Some.Digest().Value)).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        asked.Items.ShouldAllBe(a => a.Key == "Bearer admin-key");
        asked.Items.Select(a => a.Range).ShouldBe(["", "bytes=900-", "bytes=1000-", ""]);
    }

    [Fact]
    public async Task A_node_has_so_many_downloads_open_and_no_more()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { DownloadsPerNode = 1 });
        var node = await gateway.Connect().LogInAsync();
        // More than the buffers between the two take in.
        var large = await new FolderBlobStore(gateway.Blobs).PutAsync(new MemoryStream(new byte[30_000_000]), Cancel);
        var open = await GetAsync(node, large.Value);

        (await GetAsync(node, large.Value)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await open.Content.ReadAsByteArrayAsync(Cancel);
        await Eventually.Holds(async () => (await GetAsync(node, Some.Digest().Value)).StatusCode == HttpStatusCode.NotFound, () => "still full", cancel: Cancel);
    }

    private static async Task<(RawNode Node, Digest Digest)> ReadyAsync(TestGateway gateway) =>
        (await gateway.Connect().LogInAsync(), await new FolderBlobStore(gateway.Blobs).PutAsync(new MemoryStream(Bytes), Cancel));

    private static async Task<HttpResponseMessage> GetAsync(RawNode node, string name, long? from = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"blobs/{name}");
        if (node.Token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", node.Token);
        if (from is not null)
            request.Headers.Range = new RangeHeaderValue(from, null);
        return await node.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
