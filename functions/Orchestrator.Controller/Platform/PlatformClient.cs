using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Contracts;
using Orchestrator.Controller.Options;

namespace Orchestrator.Controller.Platform;

/// <summary>The platform's HTTP API, as an admin.</summary>
public sealed class PlatformClient(HttpClient http, ControllerOptions options, TimeProvider time)
{
    private const int MaxKey = 512;

    /// <summary>A published model; null when there is none of that name.</summary>
    public Task<PlatformModel?> FindModelAsync(string name, CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, $"api/models/{Uri.EscapeDataString(name)}", null, options.PlatformTimeout,
            (response, limited) => ReadAsync(response, PlatformJson.Default.PlatformModel, limited), cancel);

    /// <summary>Publishes a manifest, byte for byte.</summary>
    public async Task<PlatformModel> PublishAsync(byte[] manifest, CancellationToken cancel) =>
        await SendAsync(HttpMethod.Post, "api/models", Json(new ByteArrayContent(manifest)), options.PlatformTimeout,
            (response, limited) => ReadAsync(response, PlatformJson.Default.PlatformModel, limited), cancel)
        ?? throw NotFound("POST api/models");

    /// <summary>Sets which node should hold which stage; null when the platform has no such model.</summary>
    public Task<PlaceResult?> PlaceAsync(string name, IReadOnlyList<NodePlacement> placements, CancellationToken cancel) =>
        SendAsync(HttpMethod.Post, $"api/models/{Uri.EscapeDataString(name)}/place", JsonContent.Create(new PlaceBody(placements), PlatformJson.Default.PlaceBody), options.PlatformTimeout,
            (response, limited) => ReadAsync(response, PlatformJson.Default.PlaceResult, limited), cancel);

    /// <summary>Whether the platform has a blob.</summary>
    public async Task<bool> HasBlobAsync(Digest blob, CancellationToken cancel) =>
        await SendAsync(HttpMethod.Get, $"api/blobs/{blob}", null, options.PlatformTimeout, (_, _) => Task.FromResult<object?>(true), cancel) is not null;

    /// <summary>A blob of at most so many bytes; null when the platform does not have it.</summary>
    public Task<byte[]?> ReadBlobAsync(Digest blob, int limit, CancellationToken cancel) =>
        SendAsync(HttpMethod.Get, $"api/blobs/{blob}", null, options.PlatformTimeout,
            async (response, limited) => (byte[]?)await BoundedReader.ReadAsync(response.Content, limit, $"blob {blob.Short}", limited), cancel);

    /// <summary>Stores a blob; the platform checks its digest.</summary>
    public async Task PutBlobAsync(Digest blob, Stream content, long? length, CancellationToken cancel)
    {
        using var body = new StreamContent(content);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        body.Headers.ContentLength = length;
        _ = await SendAsync(HttpMethod.Put, $"api/blobs/{blob}", body, options.UploadTimeout, (_, _) => Task.FromResult<object?>(true), cancel)
            ?? throw NotFound("PUT api/blobs");
    }

    private async Task<T?> SendAsync<T>(HttpMethod method, string path, HttpContent? body, TimeSpan limit, Func<HttpResponseMessage, CancellationToken, Task<T?>> read, CancellationToken cancel)
        where T : class
    {
        using var patience = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        using var request = new HttpRequestMessage(method, new Uri(options.PlatformUrl!, path)) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await ReadKeyAsync(cancel));
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return null;
            if (!response.IsSuccessStatusCode)
                throw await FailureAsync(response, both.Token);
            return await read(response, both.Token);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new PlatformException(PlatformException.Unreachable, $"{options.PlatformUrl} did not answer {method} {path} within {limit.TotalSeconds} s.", inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new PlatformException(PlatformException.Unreachable, $"{options.PlatformUrl} does not answer {method} {path}: {e.Message}", inner: e);
        }
    }

    private async Task<T?> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancel);
        }
        catch (JsonException e)
        {
            throw new PlatformException(
                PlatformException.Refused, $"{response.RequestMessage?.RequestUri} answered something that is not the platform's API: {e.Message} Is Controller:PlatformUrl right?", inner: e);
        }
    }

    private async Task<PlatformException> FailureAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        string reason = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? PlatformException.Unauthorized
            : (int)response.StatusCode is >= 500 or 429 ? PlatformException.Unreachable
            : PlatformException.Refused;
        ErrorDetail? detail = null;
        try
        {
            detail = (await response.Content.ReadFromJsonAsync(PlatformJson.Default.ErrorAnswer, cancel))?.Error;
        }
        catch (JsonException)
        {
            // A proxy may answer with a page instead of an error object.
        }

        return new PlatformException(reason, $"The platform says: {detail?.Message ?? "nothing"} (HTTP {(int)response.StatusCode})", detail?.Code);
    }

    // Read every time: a secret that is rotated needs no restart.
    private async Task<string> ReadKeyAsync(CancellationToken cancel)
    {
        string key;
        try
        {
            key = (await File.ReadAllTextAsync(options.ApiKeyFile, cancel)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PlatformException(PlatformException.Unauthorized, $"Controller:ApiKeyFile cannot be read: {e.Message}", inner: e);
        }

        return key.Length is > 0 and <= MaxKey && key.All(c => c is > ' ' and < (char)127)
            ? key
            : throw new PlatformException(PlatformException.Unauthorized, $"{options.ApiKeyFile} does not hold an API key: it must be one line of printable characters.");
    }

    private static HttpContent Json(HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    private static PlatformException NotFound(string operation) =>
        new(PlatformException.Refused, $"The platform knows no {operation}. Is Controller:PlatformUrl right?");
}
