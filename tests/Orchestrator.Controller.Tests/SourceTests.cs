using System.Net;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Reconciling;
using Orchestrator.Controller.Tests.Kit;

namespace Orchestrator.Controller.Tests;

/// <summary>Bringing a model into the platform from where it lies.</summary>
public sealed class SourceTests
{
    [Theory]
    [InlineData("https://models.test/chat/manifest.json")]
    [InlineData("oci://models.test/team/chat:v1")]
    public async Task A_model_is_fetched_checked_and_published(string url)
    {
        await using var world = await World.StartAsync();
        // One shard is there already and need not come again.
        world.Platform.Put(world.Model.ShardFile(0));
        var source = new FakeSource(world);
        await world.ControlAsync(world.Options() with { SourceHosts = ["models.test"] }, source);
        world.Create(change: spec => spec["source"]!["url"] = url);

        await world.ServeAsync();

        world.Platform.Has(world.Model.Manifest.Stages[1].Blob).ShouldBeTrue();
        world.Platform.Requests.Items.Count(r => r.StartsWith("PUT", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Other_bytes_than_the_digest_says_are_refused()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync(world.Options() with { SourceHosts = ["models.test"] }, new FakeSource(world) { Manifest = "{}"u8.ToArray() });
        world.Create(change: spec => spec["source"]!["url"] = "https://models.test/chat/manifest.json");
        await world.ConditionAsync("Degraded", "True", PlatformException.BadSource);
        world.Find()!.Status!.Conditions.Single(c => c.Type == "Degraded").Message.ShouldContain("digest");
    }

    [Fact]
    public async Task Hosts_that_nobody_allowed_are_not_called()
    {
        await using var world = await World.StartAsync();
        var source = new FakeSource(world);
        await world.ControlAsync(world.Options() with { SourceHosts = ["elsewhere.test"] }, source);
        world.Create(change: spec => spec["source"]!["url"] = "https://models.test/chat/manifest.json");
        await world.ConditionAsync("Degraded", "True", PlatformException.BadSource);
        source.Calls.ShouldBe(0);
        world.Find()!.Status!.Conditions.Single(c => c.Type == "Degraded").Message.ShouldContain("Controller:SourceHosts");
    }

    [Theory]
    [InlineData("https://models.test/chat/manifest.json", "/chat/manifest.json")]
    [InlineData("https://models.test/chat/manifest.json", "/chat/stage-1.onnx")]
    [InlineData("oci://models.test/team/chat:v1", "/token")]
    [InlineData("oci://models.test/team/chat:v1", "/v2/team/chat/manifests/v1")]
    public async Task A_source_that_stalls_is_told_and_the_other_models_go_on(string url, string stalls)
    {
        await using var world = await World.StartAsync();
        var options = world.Options() with { SourceHosts = ["models.test"], SourceTimeout = TimeSpan.FromMilliseconds(100), Pace = Given.Options.Pace with { Parallel = 1 } };
        await world.ControlAsync(options, new FakeSource(world) { Breaks = (stalls, new StalledStream()) });
        world.Create(change: spec => spec["source"]!["url"] = url);
        await world.ConditionAsync("Degraded", "True", PlatformException.BadSource);
        world.Find()!.Status!.Conditions.Single(c => c.Type == "Degraded").Message.ShouldContain("sends nothing");

        world.Create("other", spec => spec["source"]!["url"] = "https://elsewhere.test/manifest.json");
        await world.ConditionAsync("Degraded", "True", PlatformException.BadSource, "other");
    }

    [Theory]
    [InlineData("/chat/manifest.json")]
    [InlineData("/chat/stage-1.onnx")]
    public async Task A_source_that_breaks_off_is_told(string breaks)
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync(world.Options() with { SourceHosts = ["models.test"] }, new FakeSource(world) { Breaks = (breaks, new BrokenStream()) });
        world.Create(change: spec => spec["source"]!["url"] = "https://models.test/chat/manifest.json");
        await world.ConditionAsync("Degraded", "True", PlatformException.BadSource);
        world.Find()!.Status!.Conditions.Single(c => c.Type == "Degraded").Message.ShouldContain("broke off");
    }

    [Theory]
    [InlineData("https://models.test:99999/x")]
    [InlineData("https://[/x")]
    public async Task An_address_that_only_the_API_server_takes_is_told(string url)
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync(world.Options() with { SourceHosts = ["models.test"] }, new FakeSource(world));
        world.Create(change: spec => spec["source"]!["url"] = url);
        await world.ConditionAsync("Degraded", "True", PlatformException.BadSource);
        world.Find()!.Status!.Conditions.Single(c => c.Type == "Degraded").Message.ShouldContain("spec.source.url");
    }

    [Fact]
    public async Task What_nobody_expected_is_told_too()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync(world.Options() with { SourceHosts = ["models.test"] }, new FakeSource(world) { Unexpected = new InvalidOperationException("Something else.") });
        world.Create(change: spec => spec["source"]!["url"] = "https://models.test/chat/manifest.json");
        await world.ConditionAsync("Degraded", "True", Problem.InternalError);
    }

    /// <summary>A connection whose other end is gone without a word.</summary>
    private sealed class StalledStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }

    /// <summary>A connection that is reset.</summary>
    private sealed class BrokenStream : MemoryStream
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Connection reset.");
    }

    /// <summary>A web server and a registry that wants a token, for one model.</summary>
    private sealed class FakeSource(World world) : HttpMessageHandler
    {
        private int calls;

        public byte[]? Manifest { get; init; }

        /// <summary>A path, and what comes instead of its bytes.</summary>
        public (string Path, Stream Body)? Breaks { get; init; }

        public Exception? Unexpected { get; init; }

        public int Calls => calls;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref calls);
            if (Unexpected is not null)
                throw Unexpected;
            var answer = Answer(request);
            if (answer.IsSuccessStatusCode && request.RequestUri!.AbsolutePath == Breaks?.Path)
                answer.Content = new StreamContent(Breaks.Value.Body);
            answer.RequestMessage = request;
            return Task.FromResult(answer);
        }

        private HttpResponseMessage Answer(HttpRequestMessage request)
        {
            string path = request.RequestUri!.AbsolutePath;
            if (path.StartsWith("/v2/", StringComparison.Ordinal))
                return request.Headers.Authorization?.Parameter == "t0k3n" ? Registry(path) : Challenge();
            if (path == "/token")
                return Bytes(Encoding.UTF8.GetBytes("""{"token": "t0k3n"}"""));
            return path switch
            {
                "/chat/manifest.json" => Bytes(Manifest ?? world.Model.ManifestJson),
                "/chat/stage-0.onnx" => Bytes(world.Model.ShardFile(0)),
                "/chat/stage-1.onnx" => Bytes(world.Model.ShardFile(1)),
                _ => new HttpResponseMessage(HttpStatusCode.NotFound),
            };
        }

        private HttpResponseMessage Registry(string path)
        {
            (string Title, byte[] Bytes)[] files = [("manifest.json", world.Model.ManifestJson), ("stage-0.onnx", world.Model.ShardFile(0)), ("stage-1.onnx", world.Model.ShardFile(1))];
            if (path == "/v2/team/chat/manifests/v1")
            {
                string layers = string.Join(',', files.Select(f => $$$"""{"digest": "sha256:{{{Digest.Of(f.Bytes)}}}", "annotations": {"org.opencontainers.image.title": "{{{f.Title}}}"}}"""));
                return Bytes(Encoding.UTF8.GetBytes($$"""{"schemaVersion": 2, "layers": [{{layers}}]}"""));
            }

            var blob = files.FirstOrDefault(f => path == $"/v2/team/chat/blobs/sha256:{Digest.Of(f.Bytes)}");
            return blob.Bytes is null ? new HttpResponseMessage(HttpStatusCode.NotFound) : Bytes(blob.Bytes);
        }

        private static HttpResponseMessage Challenge()
        {
            var answer = new HttpResponseMessage(HttpStatusCode.Unauthorized);
            answer.Headers.WwwAuthenticate.ParseAdd("Bearer realm=\"https://models.test/token\",service=\"models.test\",scope=\"repository:team/chat:pull\"");
            return answer;
        }

        private static HttpResponseMessage Bytes(byte[] bytes) => new(HttpStatusCode.OK) { Content = new ByteArrayContent(bytes) };
    }
}
