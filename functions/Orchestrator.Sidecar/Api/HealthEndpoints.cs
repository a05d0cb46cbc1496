using Google.Protobuf;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Orchestrator.Sidecar.Api;

/// <summary>Health (no token needed) and metadata.</summary>
internal static class HealthEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, AppMetadata metadata)
    {
        foreach (var path in (ReadOnlySpan<string>)["/v1.0/healthz", "/v1.0/healthz/outbound"])
        {
            ApiHttp.Map(routes, "GET", path, context =>
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return Task.CompletedTask;
            });
        }
        ApiHttp.Map(routes, "GET", "/v1.0/metadata", async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(JsonFormatter.Default.Format(metadata.Describe()), context.RequestAborted);
        });
        ApiHttp.Map(routes, "PUT", "/v1.0/metadata/{key}", async context =>
        {
            metadata.Set(ApiHttp.Value(context, "key"), System.Text.Encoding.UTF8.GetString(await ApiHttp.ReadBodyAsync(context)));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }
}
