using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Orchestrator.Local;

/// <summary>
/// Keeps two doors apart: the sidecar's port serves actors, topics and subscriptions to whoever presents the app token; every
/// other port serves the HTTP API only.
/// </summary>
public static class SidecarDoor
{
    private static readonly PathString[] Public = ["/v1", "/api", "/openapi", "/healthz", "/readyz"];

    /// <summary>The middleware.</summary>
    /// <param name="appPort">Port the sidecar calls.</param>
    /// <param name="token">What the sidecar must present; null accepts anyone on that port.</param>
    public static Func<HttpContext, RequestDelegate, Task> Guard(int appPort, string? token) => (http, next) =>
    {
        bool sidecar = http.Connection.LocalPort == appPort;
        if (sidecar ? Presents(http.Request, token) : http.Request.Path == "/" || Public.Any(prefix => http.Request.Path.StartsWithSegments(prefix)))
            return next(http);
        http.Response.StatusCode = sidecar ? StatusCodes.Status401Unauthorized : StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    };

    private static bool Presents(HttpRequest request, string? token) => token is null || CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()),
        Encoding.UTF8.GetBytes(token));
}
