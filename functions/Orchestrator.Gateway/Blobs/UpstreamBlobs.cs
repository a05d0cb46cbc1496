using System.Net;
using System.Net.Http.Headers;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Blobs;

/// <summary>Blobs of the control plane's HTTP API, with the gateway's own key. A range is asked for upstream; where that is not understood, the whole blob comes.</summary>
internal sealed class UpstreamBlobs(HttpClient http, Uri baseAddress, string? keyFile) : IBlobs
{
    private static readonly string[] Passed = ["Content-Length", "Content-Range", "ETag", "Accept-Ranges"];

    private readonly string root = baseAddress.AbsoluteUri.TrimEnd('/');

    public async Task ServeAsync(HttpContext context, Digest digest)
    {
        // HEAD is answered from a GET whose body nobody reads: the control plane has no HEAD.
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{root}/{digest}");
        if (context.Request.Headers.Range.Count == 1)
            request.Headers.TryAddWithoutValidation("Range", context.Request.Headers.Range.ToString());
        // Read each time: a rotated secret is taken without a restart.
        if (keyFile is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(keyFile, context.RequestAborted)).Trim());
        using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = reply.StatusCode switch
        {
            HttpStatusCode.OK or HttpStatusCode.PartialContent or HttpStatusCode.NotFound or HttpStatusCode.RequestedRangeNotSatisfiable => (int)reply.StatusCode,
            _ => StatusCodes.Status502BadGateway,
        };
        if (!reply.IsSuccessStatusCode)
            return;
        foreach (var (name, values) in reply.Headers.Concat(reply.Content.Headers).Where(h => Passed.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
            context.Response.Headers[name] = values.ToArray();
        context.Response.ContentType = "application/octet-stream";
        if (HttpMethods.IsGet(context.Request.Method))
            await reply.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
