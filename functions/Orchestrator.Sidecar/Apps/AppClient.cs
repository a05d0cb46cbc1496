using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Orchestrator.Sidecar.Apps;

/// <summary>Calls into an app over HTTP, with its token.</summary>
internal sealed class AppClient(App app) : IDisposable
{
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    /// <summary>Sends a request to a path of the app; the reply's body is not read yet.</summary>
    /// <exception cref="AppUnreachableException">No connection could be made: the app has not seen the request.</exception>
    /// <exception cref="HttpRequestException">The connection broke: the app may have seen the request.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? body, Action<HttpRequestHeaders>? headers, CancellationToken stop)
    {
        var endpoint = app.Endpoint ?? throw new AppUnreachableException(app.Id, null);
        using var request = new HttpRequestMessage(method, new Uri(endpoint, path))
        {
            Content = body,
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (app.Options.AppApiToken is { } token)
        {
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }
        headers?.Invoke(request.Headers);
        try
        {
            return await _http.SendAsync(request, stop);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError || e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            app.SetDown();
            app.Doubt();
            throw new AppUnreachableException(app.Id, e);
        }
        catch (HttpRequestException)
        {
            app.Doubt();
            throw;
        }
    }

    public static ByteArrayContent Json(byte[] body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return content;
    }

    /// <summary>Reads at most <paramref name="limit"/> bytes of a reply.</summary>
    /// <exception cref="InvalidDataException">The reply is longer.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int limit, CancellationToken stop)
    {
        if (content.Headers.ContentLength > limit)
        {
            throw new InvalidDataException($"reply is larger than {limit} bytes");
        }
        await using var stream = await content.ReadAsStreamAsync(stop);
        using var copy = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, stop)) > 0)
        {
            if (copy.Length + read > limit)
            {
                throw new InvalidDataException($"reply is larger than {limit} bytes");
            }
            copy.Write(buffer, 0, read);
        }
        return copy.ToArray();
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>The app does not listen; what was to be sent has not been seen by it.</summary>
internal sealed class AppUnreachableException(string appId, Exception? inner)
    : Exception($"app '{appId}' is not reachable: is it running, and is its endpoint right?", inner);
