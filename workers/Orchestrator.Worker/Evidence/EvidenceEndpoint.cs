using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Evidence;

/// <summary>
/// <c>POST /evidence</c>: a file of an ended session, for the platform only. The body is a <see cref="SignedMessage"/> with an <see cref="EvidenceRequest"/>;
/// the answer is the file as <see cref="ChunkFile"/> or <see cref="InputFile"/> write it. 400 what cannot be read, 403 what the platform did not sign for this
/// node and this hour, 409 what was asked before, 404 what is not kept.
/// </summary>
public static class EvidenceEndpoint
{
    private const int MaxBody = 16 << 10;

    /// <summary>Maps the endpoint.</summary>
    /// <param name="routes">Of the stream listener.</param>
    /// <param name="store">The evidence.</param>
    /// <param name="admission">Says which requests are answered.</param>
    public static void Map(IEndpointRouteBuilder routes, EvidenceStore store, EvidenceAdmission admission) =>
        routes.MapPost("/evidence", http => ServeAsync(http, store, admission));

    private static async Task ServeAsync(HttpContext http, EvidenceStore store, EvidenceAdmission admission)
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
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "send a signed message with an evidence request");
            return;
        }

        if (!admission.TryAdmit(message, out var request, out int status, out string? reason))
        {
            await RefuseAsync(http, status, reason!);
            return;
        }

        await using var file = store.Open(request.Session, request.Stage, request.Choice, request.Kind);
        if (file is null)
        {
            await RefuseAsync(http, StatusCodes.Status404NotFound, "nothing is kept of this session, stage and choice");
            return;
        }

        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = file.Length;
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static Task RefuseAsync(HttpContext http, int status, string message)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsync(message + "\n");
    }
}
