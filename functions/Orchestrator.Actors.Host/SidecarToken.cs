using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Actors.Host;

/// <summary>Lets the sidecar in and whoever asks for health; actors hold the stakes and the money.</summary>
internal static class SidecarToken
{
    /// <summary>The middleware; without a token it lets everyone in.</summary>
    public static Func<HttpContext, RequestDelegate, Task> Guard(string? token) => (http, next) =>
    {
        if (string.IsNullOrEmpty(token) || http.Request.Path.Value is HealthRoutes.Live or HealthRoutes.Ready || Presents(http.Request, token))
            return next(http);
        http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    };

    private static bool Presents(HttpRequest request, string token) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(request.Headers["dapr-api-token"].ToString()),
        Encoding.UTF8.GetBytes(token));
}
