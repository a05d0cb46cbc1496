using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.State;
using Orchestrator.Sidecar.Storage;

namespace Orchestrator.Sidecar.Api;

/// <summary>State over HTTP.</summary>
internal static class StateEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, App app, StateService state)
    {
        ApiHttp.Map(routes, "POST PUT", "/v1.0/state/{store}", async context =>
        {
            using var json = await ApiHttp.ReadJsonAsync(context);
            state.Write(app.Id, ApiHttp.Value(context, "store"), [.. json.RootElement.EnumerateArray().Select(i => Change(i, delete: false))]);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        ApiHttp.Map(routes, "POST PUT", "/v1.0/state/{store}/bulk", context => BulkAsync(context, app, state));
        ApiHttp.Map(routes, "POST PUT", "/v1.0/state/{store}/transaction", async context =>
        {
            using var json = await ApiHttp.ReadJsonAsync(context);
            state.Transact(app.Id, ApiHttp.Value(context, "store"), [.. Operations(json.RootElement)]);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        ApiHttp.Map(routes, "GET", "/v1.0/state/{store}/{key}", async context =>
        {
            if (state.Get(app.Id, ApiHttp.Value(context, "store"), ApiHttp.Value(context, "key")) is not { } entry)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
            context.Response.Headers.ETag = entry.Version.ToString(CultureInfo.InvariantCulture);
            WriteExpiry(context, entry);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(entry.Value, context.RequestAborted);
        });
        ApiHttp.Map(routes, "DELETE", "/v1.0/state/{store}/{key}", context =>
        {
            var etag = context.Request.Headers.IfMatch.ToString();
            state.Write(app.Id, ApiHttp.Value(context, "store"),
                [new StateChange(ApiHttp.Value(context, "key"), null, etag, Of(context.Request.Query["concurrency"]))]);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
    }

    public static void WriteExpiry(HttpContext context, StateEntry entry)
    {
        if (entry.Expires is { } expires)
        {
            context.Response.Headers["metadata.ttlExpireTime"] = expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The bytes of a JSON value.</summary>
    public static byte[] Bytes(JsonElement value) => Encoding.UTF8.GetBytes(value.GetRawText());

    public static int? Ttl(JsonElement item)
    {
        if (!item.TryGetProperty("metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object || !metadata.TryGetProperty("ttlInSeconds", out var ttl))
        {
            return null;
        }
        var text = ttl.ValueKind == JsonValueKind.String ? ttl.GetString() : ttl.GetRawText();
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw ApiException.Malformed($"ttlInSeconds '{text}' must be a whole number");
    }

    private static async Task BulkAsync(HttpContext context, App app, StateService state)
    {
        using var json = await ApiHttp.ReadJsonAsync(context);
        var keys = json.RootElement.Need("keys").EnumerateArray().Select(k => k.GetString() ?? "").ToList();
        var entries = state.GetBulk(app.Id, ApiHttp.Value(context, "store"), keys);
        await ApiHttp.WriteJsonAsync(context, w =>
        {
            w.WriteStartArray();
            foreach (var (key, entry) in entries)
            {
                w.WriteStartObject();
                w.WriteString("key", key);
                if (entry is not null)
                {
                    w.WritePropertyName("data");
                    ApiHttp.WriteValue(w, entry.Value);
                    w.WriteString("etag", entry.Version.ToString(CultureInfo.InvariantCulture));
                }
                w.WriteEndObject();
            }
            w.WriteEndArray();
        });
    }

    private static IEnumerable<StateChange> Operations(JsonElement root)
    {
        foreach (var operation in root.Need("operations").EnumerateArray())
        {
            var kind = operation.Need("operation").GetString();
            var request = operation.Need("request");
            yield return kind switch
            {
                "upsert" => Change(request, delete: false),
                "delete" => Change(request, delete: true),
                _ => throw ApiException.Malformed($"operation '{kind}' must be upsert or delete"),
            };
        }
    }

    private static StateChange Change(JsonElement item, bool delete)
    {
        var etag = item.TryGetProperty("etag", out var e) && e.ValueKind == JsonValueKind.String ? e.GetString() : null;
        var concurrency = item.TryGetProperty("options", out var o) && o.ValueKind == JsonValueKind.Object && o.TryGetProperty("concurrency", out var c) ? c.GetString() : null;
        return new StateChange(
            item.Need("key").GetString() ?? "",
            delete ? null : item.TryGetProperty("value", out var value) ? Bytes(value) : "null"u8.ToArray(),
            etag, Of(concurrency), Ttl(item));
    }

    private static Concurrency Of(string? text) => text switch
    {
        "first-write" => Concurrency.FirstWrite,
        "last-write" => Concurrency.LastWrite,
        _ => Concurrency.Unspecified,
    };

    /// <summary>The property, or an error that names it.</summary>
    private static JsonElement Need(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : throw ApiException.Malformed($"{name} is missing");
}
