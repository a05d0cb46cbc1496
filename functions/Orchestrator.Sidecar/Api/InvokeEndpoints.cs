using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
using Orchestrator.Sidecar.Apps;

namespace Orchestrator.Sidecar.Api;

/// <summary>Service invocation: passes a request through to another app, streaming both ways.</summary>
internal static class InvokeEndpoints
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.Upgrade, HeaderNames.TE,
        HeaderNames.Trailer, HeaderNames.ProxyAuthenticate, HeaderNames.ProxyAuthorization, HeaderNames.Host, "dapr-api-token", "dapr-app-id",
    };

    public static void Map(IEndpointRouteBuilder routes, App caller, Func<string, App?> find) =>
        ApiHttp.Map(routes, "GET POST PUT DELETE PATCH HEAD OPTIONS", "/v1.0/invoke/{app}/method/{**method}", async context =>
        {
            var id = ApiHttp.Value(context, "app");
            var target = find(id) ?? throw Failed(500, id, "no app of that id is known to this sidecar");
            try
            {
                await PassAsync(context, caller, target);
            }
            catch (Exception e) when (e is AppUnreachableException or HttpRequestException)
            {
                throw Failed(500, id, e.Message);
            }
        });

    private static async Task PassAsync(HttpContext context, App caller, App target)
    {
        var path = context.Request.Path.ToUriComponent();
        var at = path.IndexOf("/method/", StringComparison.Ordinal) + "/method".Length;
        var body = context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0 ? new StreamContent(context.Request.Body) : null;
        foreach (var header in context.Request.Headers)
        {
            if (body is not null && header.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
            {
                body.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
            }
        }
        using var reply = await target.Client.SendAsync(
            new HttpMethod(context.Request.Method), path[at..] + context.Request.QueryString, body,
            headers =>
            {
                foreach (var header in context.Request.Headers)
                {
                    if (!HopByHop.Contains(header.Key) && !header.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
                    {
                        headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
                    }
                }
                headers.TryAddWithoutValidation("dapr-caller-app-id", caller.Id);
                headers.TryAddWithoutValidation("dapr-callee-app-id", target.Id);
            },
            context.RequestAborted);
        context.Response.StatusCode = (int)reply.StatusCode;
        foreach (var (name, values) in reply.Headers.Concat(reply.Content.Headers))
        {
            if (!HopByHop.Contains(name))
            {
                context.Response.Headers[name] = values.ToArray();
            }
        }
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await using var stream = await reply.Content.ReadAsStreamAsync(context.RequestAborted);
        await stream.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static ApiException Failed(int status, string app, string reason) =>
        new(status, Grpc.Core.StatusCode.Internal, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {app}, err: {reason}");
}
