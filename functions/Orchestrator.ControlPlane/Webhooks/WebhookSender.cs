using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>Sends one event once. Nothing of the answer but its status is read.</summary>
public sealed class WebhookSender(WebhookConnector connector, WebhookTargets targets, SigningKey platform, ControlPlaneOptions options, TimeProvider time) : IDisposable
{
    private readonly HttpClient http = connector.Create();

    /// <summary>Makes one attempt.</summary>
    public async Task<WebhookAttempt> SendAsync(string url, WebhookEvent item, CancellationToken cancel)
    {
        if (targets.Problem(url) is { } problem)
            return new WebhookAttempt(WebhookResult.Refused, $"The URL {problem}.");
        var body = ApiJson.Bytes(item, ControlPlaneJson.Default.WebhookEvent);
        using var limit = new CancellationTokenSource(options.Webhooks.AttemptTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            using var request = Request(url, item, body);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            string status = $"HTTP {(int)response.StatusCode}";
            return response.IsSuccessStatusCode ? new(WebhookResult.Delivered, status)
                : response.StatusCode == HttpStatusCode.Gone ? new(WebhookResult.Refused, status)
                : new(WebhookResult.Failed, status);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new WebhookAttempt(WebhookResult.Failed, $"No answer within {options.Webhooks.AttemptTimeout.TotalSeconds:F0} s.");
        }
        catch (Exception e) when (e is WebhookRefusedException || e.InnerException is WebhookRefusedException)
        {
            return new WebhookAttempt(WebhookResult.Refused, (e as WebhookRefusedException ?? e.InnerException!).Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException)
        {
            // The reason as a class only: a name server's or a proxy's words could tell the sender about this network.
            return new WebhookAttempt(WebhookResult.Failed, e is HttpRequestException { HttpRequestError: var error } ? error.ToString() : "The connection broke.");
        }
    }

    /// <inheritdoc />
    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(string url, WebhookEvent item, ReadOnlyMemory<byte> body)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version11,
            Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("orchestrator", "1"));
        request.Headers.ConnectionClose = true;
        request.Headers.Add(WebhookSignature.IdHeader, item.Id);
        request.Headers.Add(WebhookSignature.TimestampHeader, now.ToString());
        request.Headers.Add(WebhookSignature.SignatureHeader, WebhookSignature.Of(platform, item.Id, now, body.Span));
        return request;
    }
}

/// <summary>How an attempt ended.</summary>
/// <param name="Result">Whether to try again.</param>
/// <param name="Detail">For people.</param>
public sealed record WebhookAttempt(WebhookResult Result, string Detail);

/// <summary>Results of an attempt.</summary>
public enum WebhookResult
{
    /// <summary>The receiver has it.</summary>
    Delivered,

    /// <summary>Try again later.</summary>
    Failed,

    /// <summary>Never try again: the URL leads where it may not, or the receiver wants no more.</summary>
    Refused,
}
