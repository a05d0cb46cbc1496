using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Orchestrator.Sidecar.Api;

/// <summary>What every HTTP endpoint shares: errors in Dapr's shape, bounded bodies, JSON.</summary>
internal static class ApiHttp
{
    /// <summary>Maps a handler whose <see cref="ApiException"/> becomes Dapr's error body.</summary>
    public static void Map(IEndpointRouteBuilder routes, string methods, string pattern, Func<HttpContext, Task> handle) =>
        routes.MapMethods(pattern, methods.Split(' '), async context =>
        {
            try
            {
                await handle(context);
            }
            catch (ApiException e)
            {
                await WriteErrorAsync(context, e.Http, e.Code, e.Message);
            }
            catch (BadHttpRequestException e)
            {
                await WriteErrorAsync(context, e.StatusCode, e.StatusCode == 413 ? "ERR_BODY_TOO_LARGE" : "ERR_MALFORMED_REQUEST", e.Message);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
            {
                await WriteErrorAsync(context, 400, "ERR_MALFORMED_REQUEST", $"request body is malformed: {e.Message}");
            }
        });

    public static async Task WriteErrorAsync(HttpContext context, int status, string code, string message)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("errorCode", code);
            json.WriteString("message", message);
            json.WriteEndObject();
        }
        await context.Response.Body.WriteAsync(buffer.ToArray(), context.RequestAborted);
    }

    /// <summary>The body; Kestrel's limit bounds it.</summary>
    public static async Task<byte[]> ReadBodyAsync(HttpContext context)
    {
        using var buffer = new MemoryStream(context.Request.ContentLength is > 0 and < 8 * 1024 * 1024 and var n ? (int)n : 256);
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted);
        return buffer.ToArray();
    }

    public static async Task<JsonDocument> ReadJsonAsync(HttpContext context) => JsonDocument.Parse(await ReadBodyAsync(context));

    public static async Task WriteJsonAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            write(json);
        }
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(buffer.ToArray(), context.RequestAborted);
    }

    public static string Value(HttpContext context, string name) => context.Request.RouteValues[name] as string ?? "";

    /// <summary>Query parameters <c>metadata.name=value</c>.</summary>
    public static Dictionary<string, string> Metadata(HttpContext context) => context.Request.Query
        .Where(q => q.Key.StartsWith("metadata.", StringComparison.Ordinal))
        .ToDictionary(q => q.Key["metadata.".Length..], q => q.Value.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>A state value as the HTTP API carries it: JSON as it is, other bytes as text.</summary>
    public static void WriteValue(Utf8JsonWriter json, byte[] value)
    {
        try
        {
            using var parsed = JsonDocument.Parse(value);
            parsed.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteStringValue(Encoding.UTF8.GetString(value));
        }
    }
}
