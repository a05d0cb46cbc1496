using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Disputes;

/// <summary>
/// <c>POST /disputes</c>: a question about a trace, for the platform only. The body is a <see cref="SignedMessage"/> with a <see cref="TraceQuery"/>. 200 a signed
/// answer as JSON, or a trace evidence file; 202 the replay still runs, ask again; 400 what cannot be read or asked; 403 what the platform did not sign for this
/// node and this hour; 404 the inputs are not there; 503 no room now. Answers follow from the trace, so a question may be asked any number of times.
/// </summary>
public sealed class DisputeEndpoint(NodeId self, byte[] platformKey, TraceDesk desk, TimeProvider time)
{
    /// <summary>Longest life of a query.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);

    /// <summary>How long a query waits for a replay before it is told to come back.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private const int MaxBody = 64 << 10;

    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/disputes", ServeAsync);

    private async Task ServeAsync(HttpContext http)
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
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "send a signed message with a trace query");
            return;
        }

        if (Refusal(message, out var query) is { } refusal)
        {
            await RefuseAsync(http, StatusCodes.Status403Forbidden, refusal);
            return;
        }

        if ((DisputeChecks.Problem(query) ?? Chunks(query)) is { } problem)
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, problem);
            return;
        }

        if (desk.Find(query) is not { } entry)
        {
            await RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, "this node answers as many disputes as it can");
            return;
        }

        await AnswerAsync(http, query, entry);
    }

    private async Task AnswerAsync(HttpContext http, TraceQuery query, TraceEntry entry)
    {
        using var wait = new CancellationTokenSource(LongestWait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, http.RequestAborted);
        try
        {
            if (query.Question is TraceQuestion.States or TraceQuestion.Leaf)
            {
                var answer = await entry.AskAsync(party => party.Say(query), both.Token);
                http.Response.ContentType = "application/json";
                await JsonSerializer.SerializeAsync(http.Response.Body, answer, ContractsJson.Default.SignedMessage, http.RequestAborted);
                return;
            }

            var shown = await entry.AskAsync(party => party.Show(query), both.Token);
            http.Response.ContentType = "application/octet-stream";
            await using var body = new BufferedStream(http.Response.BodyWriter.AsStream(), 1 << 16);
            TraceEvidenceFile.Write(body, shown);
            await body.FlushAsync(http.RequestAborted);
        }
        catch (OperationCanceledException) when (wait.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            http.Response.Headers.RetryAfter = "2";
            await RefuseAsync(http, StatusCodes.Status202Accepted, "the replay still runs: ask again");
        }
        catch (Exception e) when (!http.Response.HasStarted && e is FileNotFoundException or InvalidDataException or InsufficientMemoryException)
        {
            int status = e switch
            {
                FileNotFoundException => StatusCodes.Status404NotFound,
                InsufficientMemoryException => StatusCodes.Status503ServiceUnavailable,
                _ => StatusCodes.Status400BadRequest,
            };
            await RefuseAsync(http, status, e.Message);
        }
    }

    private string? Refusal(SignedMessage? message, out TraceQuery query)
    {
        query = null!;
        if (message?.Key is null || !message.Key.AsSpan().SequenceEqual(platformKey))
            return "the platform did not sign it";
        if (!MessageSigning.TryOpen(message, MessageTypes.TraceQuery, ContractsJson.Default.TraceQuery, out query, out string? error))
            return error;
        var now = time.GetUtcNow();
        if (query.Node != self)
            return "it is for another node";
        return query.ExpiresAt <= now || query.ExpiresAt > now + LongestLife ? $"it has expired, or lives longer than {LongestLife.TotalMinutes} min" : null;
    }

    private static string? Chunks(TraceQuery query) =>
        query.Chunk < ChunkPlan.Count(query.PromptTokens, query.Tokens) ? null : $"{query.Tokens} tokens do not make a chunk {query.Chunk}";

    private static Task RefuseAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(message + "\n");
    }
}
