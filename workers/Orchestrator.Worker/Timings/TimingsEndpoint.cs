using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Timings;

/// <summary>
/// <c>POST /timings</c>: where the time of an ended session went, for the platform only. The body is a <see cref="SignedMessage"/> with a
/// <see cref="TimingsRequest"/>. 200 <see cref="NodeTimings"/> as JSON; 400 what cannot be read; 403 what the platform did not sign for this node and these
/// minutes; 404 what is not kept.
/// </summary>
public static class TimingsEndpoint
{
    private const int MaxBody = 16 << 10;

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes, NodeId self, byte[] platformKey, TimingStore store, TimeProvider time) =>
        routes.MapPost("/timings", http => ServeAsync(http, self, platformKey, store, time));

    private static async Task ServeAsync(HttpContext http, NodeId self, byte[] platformKey, TimingStore store, TimeProvider time)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxBody;
        SignedMessage? message;
        try
        {
            message = await JsonSerializer.DeserializeAsync(http.Request.Body, ContractsJson.Default.SignedMessage, http.RequestAborted);
        }
        catch (Exception e) when (e is JsonException or BadHttpRequestException)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "send a signed message with a timings request");
            return;
        }

        if (Refusal(message, self, platformKey, time.GetUtcNow(), out var request) is { } refusal)
            await RefuseAsync(http, StatusCodes.Status403Forbidden, refusal);
        else if (store.Find(request.Session) is not { } timings)
            await RefuseAsync(http, StatusCodes.Status404NotFound, "nothing is kept of this session");
        else
        {
            http.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(http.Response.Body, timings, ContractsJson.Default.NodeTimings, http.RequestAborted);
        }
    }

    private static string? Refusal(SignedMessage? message, NodeId self, byte[] platformKey, DateTimeOffset now, out TimingsRequest request)
    {
        request = null!;
        if (message?.Key is null || !message.Key.AsSpan().SequenceEqual(platformKey))
            return "the platform did not sign it";
        if (!MessageSigning.TryOpen(message, MessageTypes.TimingsRequest, ContractsJson.Default.TimingsRequest, out request, out string? error))
            return error;
        if (request.SchemaVersion != TimingsRequest.CurrentSchema || request.Node != self)
            return "it is of another schema or for another node";
        return request.ExpiresAt <= now || request.ExpiresAt > now + TimingsRequest.LongestLife
            ? $"it has expired, or lives longer than {TimingsRequest.LongestLife.TotalMinutes} min"
            : null;
    }

    private static Task RefuseAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(message + "\n");
    }
}
