using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;

namespace Orchestrator.Cli;

/// <summary>Calls the network's HTTP API; failures become one line that repeats the server's own message.</summary>
public sealed class ApiClient : IDisposable
{
    /// <summary>Routes that the server's messages send people to, and what does the same here.</summary>
    private static readonly (string Route, string Command)[] Commands =
    [
        ("GET /api/nodes", "'orchestrator nodes list'"),
        ("GET /api/jobs", "'orchestrator jobs list'"),
        ("GET /api/disputes", "'orchestrator disputes list'"),
        ("GET /v1/models", "'orchestrator model list'"),
        ("POST /api/nodes/{id}/stake/bond", "'orchestrator stake bond'"),
    ];

    private readonly HttpClient http;

    /// <summary>A client for one network.</summary>
    public ApiClient(Connection connection)
    {
        http = new HttpClient { BaseAddress = connection.Endpoint, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ReadKey(connection.ApiKeyFile));
    }

    /// <summary>GET, as JSON.</summary>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Get, path, null, cancel);

    /// <summary>All nodes, page by page.</summary>
    public async Task<JsonArray> NodesAsync(CancellationToken cancel)
    {
        JsonArray nodes = [];
        string? after = null;
        do
        {
            var page = await GetAsync(after is null ? "api/nodes" : $"api/nodes?after={after}", cancel);
            foreach (var node in page["nodes"]!.AsArray())
                nodes.Add(node!.DeepClone());
            after = page["next"]?.GetValue<string>();
        }
        while (after is not null);
        return nodes;
    }

    /// <summary>POST with a JSON body, as JSON.</summary>
    public Task<JsonNode> PostAsync(string path, JsonNode? body, CancellationToken cancel) => SendAsync(HttpMethod.Post, path, JsonContent.Create(body), cancel);

    /// <summary>DELETE, as JSON.</summary>
    public Task<JsonNode> DeleteAsync(string path, CancellationToken cancel) => SendAsync(HttpMethod.Delete, path, null, cancel);

    /// <summary>Whether the network has a blob, by the digest of the bytes that it stores and not by their name.</summary>
    public async Task<bool> HasBlobAsync(Digest digest, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/blobs/{digest}");
        request.Headers.Range = new RangeHeaderValue(0, 0);
        request.Headers.Add("Want-Repr-Digest", "sha-256=10");
        using var response = await TryAsync(() => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel));
        // An empty file has no first byte; no shard is empty.
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable)
            return false;
        if (!response.IsSuccessStatusCode)
            throw await FailureAsync(response, cancel);
        string expected = $"sha-256=:{Convert.ToBase64String(Convert.FromHexString(digest.Value))}:";
        return response.Headers.TryGetValues("Repr-Digest", out var stored) && stored.Contains(expected);
    }

    /// <summary>Uploads a blob.</summary>
    public async Task PutBlobAsync(Digest digest, Stream content, CancellationToken cancel)
    {
        using var body = new StreamContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        // The Functions host reads a body whose length it knows into memory before it passes it on.
        await SendAsync(HttpMethod.Put, $"api/blobs/{digest}", body, cancel, chunked: true);
    }

    /// <summary>Opens a response body for reading as it comes.</summary>
    public async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        var response = await TryAsync(() => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel));
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await FailureAsync(response, cancel);
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private static string ReadKey(string path)
    {
        string key = File.ReadAllText(path).Trim();
        return key.Length is > 0 and <= 512 && key.All(c => c is > ' ' and < (char)127)
            ? key
            : throw new CliException($"{path} does not hold an API key: it must be one line of printable characters");
    }

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancel, bool chunked = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (chunked)
            request.Headers.TransferEncodingChunked = true;
        using var response = await TryAsync(() => http.SendAsync(request, cancel));
        if (!response.IsSuccessStatusCode)
            throw await FailureAsync(response, cancel);
        string text = await response.Content.ReadAsStringAsync(cancel);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    private static string InCommands(string message) => Commands.Aggregate(message, (text, c) => text.Replace(c.Route, c.Command, StringComparison.Ordinal));

    private async Task<HttpResponseMessage> TryAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            return await send();
        }
        catch (HttpRequestException e) when (e.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError))
        {
            throw new CliException($"the connection to {http.BaseAddress} broke off: repeat the command");
        }
        catch (HttpRequestException e)
        {
            throw new CliException($"no network answers at {http.BaseAddress} ({e.HttpRequestError}): is 'orchestrator up' running?");
        }
    }

    private async Task<CliException> FailureAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        string text = await response.Content.ReadAsStringAsync(cancel);
        try
        {
            if (JsonNode.Parse(text)?["error"]?["message"]?.GetValue<string>() is { } message)
                return new CliException($"{http.BaseAddress} says: {InCommands(message)} (HTTP {(int)response.StatusCode})");
        }
        catch (JsonException)
        {
            // A proxy may answer with a page instead of an error object.
        }

        return new CliException($"{response.RequestMessage?.RequestUri} answered HTTP {(int)response.StatusCode}");
    }
}
