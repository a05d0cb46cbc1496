using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.PubSub;

namespace Orchestrator.Sidecar.Api;

/// <summary>HTTP publish, single and bulk.</summary>
internal static class PublishEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, App app, Broker broker)
    {
        ApiHttp.Map(routes, "POST PUT", "/v1.0/publish/{pubsub}/{**topic}", async context =>
        {
            var body = await ApiHttp.ReadBodyAsync(context);
            broker.Publish(app, new PublishRequest(
                ApiHttp.Value(context, "pubsub"), ApiHttp.Value(context, "topic"), body,
                context.Request.ContentType ?? "text/plain", ApiHttp.Metadata(context), context.Request.Headers.TraceParent.ToString()));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        foreach (var version in (ReadOnlySpan<string>)["v1.0", "v1.0-alpha1"])
        {
            ApiHttp.Map(routes, "POST PUT", $"/{version}/publish/bulk/{{pubsub}}/{{**topic}}", context => BulkAsync(context, app, broker));
        }
    }

    private static async Task BulkAsync(HttpContext context, App app, Broker broker)
    {
        using var json = await ApiHttp.ReadJsonAsync(context);
        var shared = ApiHttp.Metadata(context);
        var failed = new List<(string Id, string Error)>();
        foreach (var entry in json.RootElement.EnumerateArray())
        {
            var id = entry.TryGetProperty("entryId", out var e) ? e.GetString() ?? "" : "";
            if (id.Length == 0 || !entry.TryGetProperty("event", out var data))
            {
                throw ApiException.Malformed("every entry needs entryId and event");
            }
            var contentType = entry.TryGetProperty("contentType", out var c) ? c.GetString() ?? "text/plain" : "text/plain";
            var bytes = data.ValueKind == JsonValueKind.String && !contentType.Contains("json", StringComparison.OrdinalIgnoreCase)
                ? Encoding.UTF8.GetBytes(data.GetString()!)
                : Encoding.UTF8.GetBytes(data.GetRawText());
            try
            {
                broker.Publish(app, new PublishRequest(ApiHttp.Value(context, "pubsub"), ApiHttp.Value(context, "topic"), bytes, contentType, shared, ""));
            }
            catch (ApiException x) when (x.Http >= 500)
            {
                failed.Add((id, x.Message));
            }
        }
        if (failed.Count == 0)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        await ApiHttp.WriteJsonAsync(context, w =>
        {
            w.WriteStartObject();
            w.WriteStartArray("failedEntries");
            foreach (var (id, error) in failed)
            {
                w.WriteStartObject();
                w.WriteString("entryId", id);
                w.WriteString("error", error);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        });
    }
}
