using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Nodes;
using Orchestrator.Gateway.Platform;

namespace Orchestrator.Gateway.Answers;

/// <summary>
/// <c>POST /demands/{id}/answer</c> on the nodes' port: a node whose only way out is this gateway answers public demands of evidence here. The file is streamed on
/// and the control plane's answer is the answer; nothing is kept. Each node sends one at a time.
/// </summary>
internal sealed class AnswerEndpoint(HttpClient http, ControlPlaneUpstream upstream, SessionTokens tokens, long mostBytes)
{
    private const int LongestHeader = 4096;

    private readonly ConcurrentDictionary<NodeId, bool> sending = new();

    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapPost("/demands/{id}/answer", TakeAsync);

    private async Task TakeAsync(HttpContext context)
    {
        if (!tokens.TryReadHeader(context.Request.Headers.Authorization, out var node))
        {
            GatewayTelemetry.Refused("token");
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "the session token is missing, forged or over: log in");
            return;
        }

        NodeConnection.Of(context).Know();
        string signed = context.Request.Headers[EvidenceDemand.AnswerHeader].ToString();
        if (!DemandId.TryParse(context.Request.RouteValues["id"] as string, out var demand) || signed.Length > LongestHeader)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"the id names no demand, or {EvidenceDemand.AnswerHeader} has more than {LongestHeader} characters");
            return;
        }

        if (context.Request.ContentLength > mostBytes)
        {
            GatewayTelemetry.Refused("answers");
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"an answer has at most {mostBytes} bytes: raise Gateway:MaxAnswerBytes");
            return;
        }

        if (!sending.TryAdd(node, true))
        {
            GatewayTelemetry.Refused("answers");
            context.Response.Headers.RetryAfter = "1";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "this node is sending an answer already: wait for it to end");
            return;
        }

        (int Status, string Reason)? refusal;
        try
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = mostBytes;
            refusal = await PassOnAsync(context, demand, signed);
        }
        finally
        {
            sending.TryRemove(node, out _);
        }

        // Only now: whoever hears of the end may send the next at once.
        if (refusal is var (status, reason))
            await RefuseAsync(context, status, reason);
    }

    private async Task<(int Status, string Reason)?> PassOnAsync(HttpContext context, DemandId demand, string signed)
    {
        try
        {
            using var request = upstream.Request(HttpMethod.Post, $"{demand}/answer");
            request.Content = new StreamContent(context.Request.Body);
            request.Content.Headers.ContentLength = context.Request.ContentLength;
            // It tells the control plane whose the answer is; the gateway vouches for nothing.
            if (signed.Length > 0)
                request.Headers.TryAddWithoutValidation(EvidenceDemand.AnswerHeader, signed);
            using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)reply.StatusCode;
            GatewayTelemetry.Answered();
            return null;
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is BadHttpRequestException bad
                ? (bad.StatusCode, $"an answer has at most {mostBytes} bytes: raise Gateway:MaxAnswerBytes")
                : (StatusCodes.Status502BadGateway, "the control plane cannot be reached: try again");
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string reason)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(reason, context.RequestAborted);
    }
}
