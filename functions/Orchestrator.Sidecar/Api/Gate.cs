using System.Security.Cryptography;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Sidecar.Api;

/// <summary>The door of an app's sidecar: token, injected unavailability, and the double slash the SDK sends.</summary>
internal sealed class Gate(App app, FaultPlan faults)
{
    private readonly byte[]? _token = app.Options.ApiToken is { } t ? Encoding.UTF8.GetBytes(t) : null;

    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        Clean(request);
        if (request.Path.StartsWithSegments("/v1.0/healthz", StringComparison.Ordinal))
        {
            await next(context);
            return;
        }
        var isGrpc = request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true;
        if (!HasToken(request))
        {
            await RefuseAsync(context, isGrpc, new ApiException(401, StatusCode.Unauthenticated, "ERR_UNAUTHENTICATED", "invalid api token: send the header dapr-api-token"));
        }
        else if (faults.Strikes(FaultKind.Unavailable, app.Id))
        {
            await RefuseAsync(context, isGrpc, ApiException.Unavailable());
        }
        else
        {
            await next(context);
        }
    }

    private bool HasToken(HttpRequest request) =>
        _token is null || CryptographicOperations.FixedTimeEquals(_token, Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()));

    private static void Clean(HttpRequest request)
    {
        var path = request.Path.Value ?? "";
        if (!path.Contains("//", StringComparison.Ordinal))
        {
            return;
        }
        var clean = new StringBuilder(path.Length);
        foreach (var c in path)
        {
            if (c != '/' || clean.Length == 0 || clean[^1] != '/')
            {
                clean.Append(c);
            }
        }
        request.Path = clean.ToString();
    }

    private static async Task RefuseAsync(HttpContext context, bool isGrpc, ApiException error)
    {
        if (!isGrpc)
        {
            await ApiHttp.WriteErrorAsync(context, error.Http, error.Code, error.Message);
            return;
        }
        // A "trailers only" answer: the gRPC status travels in the headers.
        context.Response.StatusCode = 200;
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = ((int)error.Grpc).ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = Uri.EscapeDataString(error.Message);
    }
}
