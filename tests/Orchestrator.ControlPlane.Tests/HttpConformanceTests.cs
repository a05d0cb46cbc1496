using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>The bytes on the wire: event order, error bodies, headers, who may see what.</summary>
public sealed class HttpConformanceTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private Platform Platform => shared.Platform;

    private string Model => Platform.Model.Manifest.Name;

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_goes_role_deltas_finish_usage_done()
    {
        var (headers, lines) = await LinesAsync("/v1/chat/completions", $$$"""{"model":"{{{Model}}}","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}""");

        headers.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        lines[^1].ShouldBe("[DONE]");
        var chunks = lines.SkipLast(1).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        chunks[0].GetProperty("choices")[0].GetProperty("delta").GetProperty("role").GetString().ShouldBe("assistant");
        chunks.SkipLast(1).ShouldAllBe(c => c.GetProperty("usage").ValueKind == JsonValueKind.Null);
        chunks.SkipLast(2).ShouldAllBe(c => c.GetProperty("choices")[0].GetProperty("finish_reason").ValueKind == JsonValueKind.Null);
        chunks[^2].GetProperty("choices")[0].GetProperty("finish_reason").GetString().ShouldBe("stop");
        chunks[^1].GetProperty("choices").GetArrayLength().ShouldBe(0);
        chunks[^1].GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBeGreaterThan(0);
        chunks[^1].GetProperty("orchestrator").GetProperty("assurance").GetProperty("achieved").GetString().ShouldBe("redundant:2");
        chunks.Select(c => c.GetProperty("id").GetString()).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Whether_a_node_is_registered_is_told_without_a_key_and_nothing_else_of_it()
    {
        using var client = Platform.Client(null);
        var node = Platform.Network.Nodes[0].Id;

        using var known = await client.GetAsync($"/api/nodes/{node}/registration", Cancel);
        using var stranger = await client.GetAsync($"/api/nodes/{FakeNetwork.RefereeKey.Node}x/registration", Cancel);
        using var referee = await client.GetAsync($"/api/nodes/{FakeNetwork.RefereeKey.Node}/registration", Cancel);
        using var whole = await client.GetAsync($"/api/nodes/{node}", Cancel);

        known.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await known.Content.ReadAsStringAsync(Cancel)).ShouldBeEmpty();
        referee.StatusCode.ShouldBe(HttpStatusCode.NoContent, "referees fetch shards too");
        stranger.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await stranger.Content.ReadAsStringAsync(Cancel)).ShouldContain("No such node is registered");
        whole.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_stream_without_usage_has_no_usage_member()
    {
        var (_, lines) = await LinesAsync("/v1/chat/completions", $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"hi"}],"stream":true}""");

        lines.ShouldAllBe(l => !l.Contains("\"usage\""));
        lines[^2].ShouldContain("orchestrator");
    }

    [Fact]
    public async Task Completions_stream_text_and_log_probabilities()
    {
        var (_, lines) = await LinesAsync("/v1/completions", $$"""{"model":"{{Model}}","prompt":"hi","stream":true,"max_tokens":64,"logprobs":1}""");

        var chunks = lines.SkipLast(1).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("choices")[0]).ToList();
        string.Concat(chunks.Select(c => c.GetProperty("text").GetString())).ShouldBe("You said: hi.");
        chunks[0].GetProperty("logprobs").GetProperty("tokens")[0].GetString().ShouldBe("Y");
        chunks[1].GetProperty("logprobs").GetProperty("text_offset")[0].GetInt32().ShouldBe(1);
        chunks[^1].GetProperty("finish_reason").GetString().ShouldBe("stop");
    }

    [Fact]
    public async Task Every_choice_comes_with_its_index()
    {
        using var response = await PostAsync("/v1/chat/completions", $$"""{"model":"{{Model}}","messages":[{"role":"user","content":"many"}],"n":3}""");

        var choices = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("choices");
        choices.EnumerateArray().Select(c => c.GetProperty("index").GetInt32()).ShouldBe([0, 1, 2]);
        choices.EnumerateArray().Select(c => c.GetProperty("message").GetProperty("content").GetString()).Distinct().Count().ShouldBe(3);
    }

    [Theory]
    [InlineData("""{"messages":[]}""", 400, "model")]
    [InlineData("""{"model":"M"}""", 400, "messages")]
    [InlineData("""{"model":"M","messages":[{"role":"wizard","content":"x"}]}""", 400, "messages[0].role")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"temperature":3}""", 400, "temperature")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"n":17}""", 400, "n")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"stop":["a","b","c","d","e"]}""", 400, "stop")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", 400, "top_logprobs")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}""", 400, "tools")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_object"}}""", 400, "response_format")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"frobnicate":1}""", 400, "frobnicate")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"stream_options":{"include_usage":true}}""", 400, "stream_options")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"logit_bias":{"99999":1}}""", 400, "logit_bias")]
    [InlineData("""{"model":"M","messages":[{"role":"user","content":"x"}],"max_tokens":511}""", 400, "max_tokens")]
    [InlineData("""{"model":"nobody","messages":[{"role":"user","content":"x"}]}""", 404, "model")]
    [InlineData("""[1]""", 400, null)]
    [InlineData("""{"model":""", 400, null)]
    public async Task A_bad_request_names_its_parameter(string body, int status, string? param)
    {
        using var response = await PostAsync("/v1/chat/completions", body.Replace("\"M\"", $"\"{Model}\""));

        ((int)response.StatusCode).ShouldBe(status);
        await ShouldBeErrorAsync(response, param);
    }

    [Theory]
    [InlineData("GET", "/v1/models")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("POST", "/v1/chat/completions")]
    [InlineData("GET", "/api/jobs")]
    [InlineData("GET", "/api/nodes")]
    [InlineData("GET", "/api/account")]
    [InlineData("PUT", "/api/blobs/00")]
    [InlineData("POST", "/api/models")]
    [InlineData("GET", "/openapi/v1.json")]
    public async Task Every_route_asks_for_a_key(string method, string path)
    {
        using var client = Platform.Client(null);

        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await ShouldBeErrorAsync(response, null);
    }

    [Theory]
    [InlineData("POST", "/api/models")]
    [InlineData("PUT", "/api/blobs/00")]
    [InlineData("POST", "/api/models/x/place")]
    [InlineData("POST", "/api/accounts/user/credit")]
    [InlineData("GET", "/api/accounts/user")]
    public async Task Users_may_not_administer(string method, string path)
    {
        using var client = Platform.Client();

        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_429_says_when_to_come_back()
    {
        using var client = Platform.Client(Kit.Platform.PoorKey);

        using var response = await client.PostAsync("/v1/chat/completions", Kit.Platform.Json($$"""{"model":"{{Model}}","messages":[{"role":"user","content":"x"}]}"""), Cancel);

        ((int)response.StatusCode).ShouldBe(429);
        response.Headers.RetryAfter!.Delta.ShouldNotBeNull();
        response.Headers.Contains("x-request-id").ShouldBeTrue();
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("insufficient_quota");
    }

    [Fact]
    public async Task A_blob_with_another_digest_is_refused()
    {
        using var client = Platform.Client(Kit.Platform.AdminKey);
        string digest = new('0', 64);

        using var response = await client.PutAsync($"/api/blobs/{digest}", new ByteArrayContent([1, 2, 3]), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.GetAsync($"/api/blobs/{digest}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_blob_is_read_whole_or_in_part()
    {
        using var client = Platform.Client(Kit.Platform.AdminKey);
        byte[] bytes = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)];
        string path = $"/api/blobs/{Digest.Of(bytes)}";
        (await client.PutAsync(path, new ByteArrayContent(bytes), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await client.GetByteArrayAsync(path, Cancel)).ShouldBe(bytes);
        using var rest = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new(900, null) } }, Cancel);
        rest.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        (await rest.Content.ReadAsByteArrayAsync(Cancel)).ShouldBe(bytes[900..]);
        rest.Headers.ETag!.Tag.ShouldBe($"\"{Digest.Of(bytes)}\"");
        using var beyond = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new(1000, null) } }, Cancel);
        beyond.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Theory]
    [InlineData("sha-256=10", true)]
    [InlineData("sha-512=10, sha-256=1", true)]
    [InlineData("sha-256=0", false)]
    [InlineData("sha-512=10", false)]
    public async Task Who_asks_for_it_learns_what_the_stored_bytes_hash_to(string wish, bool told)
    {
        using var client = Platform.Client(Kit.Platform.AdminKey);
        byte[] bytes = [1, 2, 3];
        string path = $"/api/blobs/{Digest.Of(bytes)}";
        (await client.PutAsync(path, new ByteArrayContent(bytes), Cancel)).StatusCode.ShouldBe(HttpStatusCode.Created);

        using var answer = await client.SendAsync(new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Range", "bytes=0-0" }, { "Want-Repr-Digest", wish } } }, Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        string[] expected = told ? [$"sha-256=:{Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(bytes))}:"] : [];
        (answer.Headers.TryGetValues("Repr-Digest", out var said) ? said : []).ShouldBe(expected);
    }

    [Fact]
    public async Task A_credit_counts_once_per_event()
    {
        using var client = Platform.Client(Kit.Platform.AdminKey);
        const string body = """{"event_id":"gift","amount":5,"issued_at":"2026-11-01T00:00:00Z"}""";

        using var first = await client.PostAsync("/api/accounts/gifted/credit", Kit.Platform.Json(body), Cancel);
        await client.PostAsync("/api/accounts/gifted/credit", Kit.Platform.Json(body), Cancel);

        first.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Platform.AccountAsync("gifted")).Available.ShouldBe(5);
    }

    [Fact]
    public async Task More_money_than_an_account_can_hold_is_a_wrong_amount()
    {
        using var client = Platform.Client(Kit.Platform.AdminKey);

        using var response = await client.PostAsync("/api/accounts/rich/credit", Kit.Platform.Json($$"""{"event_id":"all","amount":{{long.MaxValue}}}"""), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        await ShouldBeErrorAsync(response, "amount");
    }

    [Fact]
    public async Task The_base_url_points_to_the_rest_without_a_key()
    {
        using var client = Platform.Client(null);

        JsonDocument.Parse(await client.GetStringAsync("/", Cancel)).RootElement.GetProperty("openapi").GetString().ShouldBe("/openapi/v1.json");
    }

    [Theory]
    [InlineData("/api/nodes")]
    [InlineData("/api/models/fake-1")]
    [InlineData("/api/account")]
    [InlineData("/openapi/v1.json")]
    public async Task Names_and_enum_values_are_snake_case(string path)
    {
        var document = await Platform.GetAsync<JsonElement>(path);
        var names = path.StartsWith("/openapi", StringComparison.Ordinal)
            ? [.. Objects(document).Where(o => o.TryGetProperty("properties", out var p) && p.ValueKind == JsonValueKind.Object)
                .SelectMany(o => o.GetProperty("properties").EnumerateObject()).Select(p => p.Name)]
            : Objects(document).SelectMany(o => o.EnumerateObject().Select(p => p.Name)).ToList();

        names.ShouldNotBeEmpty();
        names.ShouldAllBe(n => n.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'));
        if (path == "/api/nodes")
            document.GetProperty("nodes").EnumerateArray().SelectMany(n => n.GetProperty("shards").EnumerateArray()).ShouldAllBe(s => s.GetProperty("state").GetString() == "ready");
    }

    [Fact]
    public async Task Nodes_are_listed_page_by_page()
    {
        List<string> listed = [];
        string? next = null;
        do
        {
            var page = await Platform.GetAsync<JsonElement>($"/api/nodes?limit=5{(next is null ? "" : $"&after={next}")}");
            page.GetProperty("nodes").GetArrayLength().ShouldBeInRange(1, 5);
            listed.AddRange(page.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("node").GetString()!));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        listed.ShouldBe(Platform.Network.Nodes.Select(n => n.Id.Value).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=501")]
    [InlineData("after=nobody")]
    public async Task A_page_of_nodes_that_cannot_be_is_refused(string query)
    {
        using var client = Platform.Client();

        using var response = await client.GetAsync($"/api/nodes?{query}", Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_openapi_document_types_integers_as_integers()
    {
        var document = await Platform.GetAsync<JsonElement>("/openapi/v1.json");

        var types = Objects(document).Where(o => o.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.Array)
            .Select(o => string.Join('|', o.GetProperty("type").EnumerateArray().Select(t => t.GetString())));

        types.ShouldAllBe(t => !t.Contains("integer|string") && !t.Contains("string|integer"));
    }

    private static IEnumerable<JsonElement> Objects(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Objects(p.Value)).Prepend(element),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Objects),
        _ => [],
    };

    [Fact]
    public async Task The_openapi_document_covers_every_route()
    {
        var document = await Platform.GetAsync<JsonElement>("/openapi/v1.json");

        var paths = document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => $"{o.Name.ToUpperInvariant()} {p.Name}")).ToList();
        paths.ShouldContain("POST /v1/chat/completions");
        paths.ShouldContain("GET /api/jobs/{id}/events");
        paths.ShouldContain("PUT /api/blobs/{digest}");
        paths.Count.ShouldBe(Platform.Services.GetRequiredService<ApiRoutes>().All.Count);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var client = Platform.Client();
        return await client.PostAsync(path, Kit.Platform.Json(body), Cancel);
    }

    private async Task<(HttpResponseMessage Response, IReadOnlyList<string> Lines)> LinesAsync(string path, string body)
    {
        var response = await PostAsync(path, body);
        string text = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, text);
        return (response, [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => e["data: ".Length..])]);
    }

    private async Task ShouldBeErrorAsync(HttpResponseMessage response, string? param)
    {
        string text = await response.Content.ReadAsStringAsync(Cancel);
        var error = JsonDocument.Parse(text).RootElement.GetProperty("error");
        error.EnumerateObject().Select(p => p.Name).ShouldBe(["message", "type", "param", "code"]);
        error.GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        error.GetProperty("param").GetString().ShouldBe(param, text);
    }
}
