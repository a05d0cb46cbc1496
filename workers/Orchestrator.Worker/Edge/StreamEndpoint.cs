using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Edge;

/// <summary>
/// <c>GET /sessions/{session}/stream?from={sequence}</c>: the events of a session as JSON lines, each flushed when it happens. A reader that
/// leaves changes nothing: it may come back at any sequence, and only a cancellation ends a session.
/// </summary>
public static class StreamEndpoint
{
    private const string Scheme = "Bearer ";
    private const int LongestToken = 1024;

    /// <summary>Maps the endpoint.</summary>
    public static void Map(IEndpointRouteBuilder routes, StreamDirectory streams) =>
        routes.MapGet("/sessions/{session}/stream", (HttpContext http, string session) => ServeAsync(http, session, streams));

    private static async Task ServeAsync(HttpContext http, string text, StreamDirectory streams)
    {
        if (!SessionId.TryParse(text, out var session) || !TryReadFrom(http.Request.Query["from"], out long from))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "the session must be 32 lower-case hex digits and 'from' a number, 0 or more");
            return;
        }

        if (Token(http.Request.Headers.Authorization) is not { } token)
        {
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, "send the stream token of the job as 'Authorization: Bearer'");
            return;
        }

        var log = await streams.FindAsync(session, http.RequestAborted);
        // One answer for "unknown" and "wrong token": a guesser learns nothing about sessions.
        if (log is null || !Matches(token, log.TokenDigest))
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, "no such session for this token");
            return;
        }

        await WriteAsync(http, log, from);
    }

    private static async Task WriteAsync(HttpContext http, StreamLog log, long from)
    {
        http.Response.ContentType = "application/x-ndjson";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var body = http.Response.BodyWriter;
        await body.FlushAsync(http.RequestAborted);
        while (await log.ReadAsync(from, http.RequestAborted) is { Count: > 0 } events)
        {
            foreach (var e in events)
            {
                await using (var json = new Utf8JsonWriter(body))
                    JsonSerializer.Serialize(json, e, ContractsJson.Default.StreamEvent);
                body.Write("\n"u8);
            }

            await body.FlushAsync(http.RequestAborted);
            from += events.Count;
            if (events[^1].Last)
                return;
        }
    }

    private static void Write(this System.IO.Pipelines.PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    private static bool TryReadFrom(StringValues value, out long from)
    {
        from = 0;
        return value.Count == 0 || (value.Count == 1 && long.TryParse(value[0], out from) && from >= 0);
    }

    private static string? Token(StringValues header) =>
        header is [{ Length: > 0 } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && value.Length <= LongestToken
            ? value[Scheme.Length..].Trim()
            : null;

    private static bool Matches(string token, Digest expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Digest.Of(Encoding.UTF8.GetBytes(token)).Value), Encoding.ASCII.GetBytes(expected.Value));

    private static Task RefuseAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(message + "\n");
    }
}
