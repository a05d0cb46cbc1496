using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Nodes;

namespace Orchestrator.Gateway.Blobs;

/// <summary>
/// <c>GET /blobs/{digest}</c> on the nodes' port: shards, manifests and evidence for registered nodes that have logged in and know the digest, whichever way they get
/// their work.
/// </summary>
internal sealed class BlobEndpoint(IBlobs blobs, SessionTokens tokens, RegisteredNodes registered, int perNode)
{
    private readonly ConcurrentDictionary<NodeId, int> open = new();

    /// <summary>Maps the endpoint.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/blobs/{digest}", [HttpMethods.Get, HttpMethods.Head], ServeAsync);

    private async Task ServeAsync(HttpContext http)
    {
        if (!tokens.TryReadHeader(http.Request.Headers.Authorization, out var node))
        {
            GatewayTelemetry.Refused("token");
            await RefuseAsync(http, StatusCodes.Status401Unauthorized, "the session token is missing, forged or over: log in");
            return;
        }

        NodeConnection.Of(http).Know();
        if (!Digest.TryParse(http.Request.RouteValues["digest"] as string, out var digest))
        {
            await RefuseAsync(http, StatusCodes.Status400BadRequest, "a blob is named by 64 lower-case hex digits");
            return;
        }

        if (open.AddOrUpdate(node, 1, (_, count) => count + 1) > perNode)
        {
            Leave(node);
            GatewayTelemetry.Refused("downloads");
            http.Response.Headers.RetryAfter = "1";
            await RefuseAsync(http, StatusCodes.Status429TooManyRequests, $"this node has {perNode} downloads open: wait for one to end");
            return;
        }

        try
        {
            if (!await registered.HasAsync(node, http.RequestAborted))
            {
                GatewayTelemetry.Refused("unregistered");
                await RefuseAsync(http, StatusCodes.Status403Forbidden, $"node {node} is not registered here: a node registers through its stream of work or its broker, so look there first");
                return;
            }

            GatewayTelemetry.Downloaded();
            await blobs.ServeAsync(http, digest);
        }
        catch (HttpRequestException) when (!http.Response.HasStarted)
        {
            await RefuseAsync(http, StatusCodes.Status502BadGateway, "the blob store or the control plane cannot be reached: try again");
        }
        finally
        {
            Leave(node);
        }
    }

    private void Leave(NodeId node)
    {
        int left = open.AddOrUpdate(node, 0, (_, count) => count - 1);
        if (left <= 0)
            open.TryRemove(new KeyValuePair<NodeId, int>(node, left));
    }

    private static Task RefuseAsync(HttpContext http, int status, string reason)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(reason, http.RequestAborted);
    }
}
