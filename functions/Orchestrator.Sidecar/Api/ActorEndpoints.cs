using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Sidecar.Actors;
using Orchestrator.Sidecar.Apps;

namespace Orchestrator.Sidecar.Api;

/// <summary>Actors over HTTP: calls, state, timers, reminders.</summary>
internal static class ActorEndpoints
{
    private const int LongestName = 1024;

    public static void Map(IEndpointRouteBuilder routes, App app, ActorRuntime runtime, ActorStateService state, ActorTimers timers, ActorReminders reminders)
    {
        const string Actor = "/v1.0/actors/{type}/{id}";
        ApiHttp.Map(routes, "GET POST PUT DELETE", Actor + "/method/{**method}", context => InvokeAsync(context, runtime));
        ApiHttp.Map(routes, "GET", Actor + "/state/{key}", async context =>
        {
            if (state.Get(app, Ref(context), ApiHttp.Value(context, "key")) is not { } entry)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return;
            }
            StateEndpoints.WriteExpiry(context, entry);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(entry.Value, context.RequestAborted);
        });
        ApiHttp.Map(routes, "POST PUT", Actor + "/state", async context =>
        {
            using var json = await ApiHttp.ReadJsonAsync(context);
            state.Transact(app, Ref(context), [.. json.RootElement.EnumerateArray().Select(Operation)]);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        ApiHttp.Map(routes, "POST PUT", Actor + "/timers/{name}", async context =>
        {
            timers.Register(app, Ref(context), Name(context), TickBody.Parse(await ApiHttp.ReadBodyAsync(context)));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        ApiHttp.Map(routes, "DELETE", Actor + "/timers/{name}", context =>
        {
            timers.Unregister(app, Ref(context), Name(context));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        ApiHttp.Map(routes, "POST PUT", Actor + "/reminders/{name}", async context =>
        {
            reminders.Register(app, Ref(context), Name(context), TickBody.Parse(await ApiHttp.ReadBodyAsync(context)));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
        ApiHttp.Map(routes, "DELETE", Actor + "/reminders/{name}", context =>
        {
            reminders.Unregister(app, Ref(context), Name(context));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        });
        ApiHttp.Map(routes, "GET", Actor + "/reminders/{name}", async context =>
        {
            var reminder = reminders.Get(app, Ref(context), Name(context))
                ?? throw new ApiException(404, Grpc.Core.StatusCode.NotFound, "ERR_ACTOR_REMINDER_GET", $"actor {Ref(context)} has no reminder '{Name(context)}'");
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(reminder.Body.ToJson(), context.RequestAborted);
        });
    }

    private static async Task InvokeAsync(HttpContext context, ActorRuntime runtime)
    {
        var method = string.Join('/', ApiHttp.Value(context, "method").Split('/').Select(Uri.EscapeDataString));
        var headers = context.Request.Headers
            .Where(h => h.Key.StartsWith("X-Dapr", StringComparison.OrdinalIgnoreCase) || h.Key.Equals("traceparent", StringComparison.OrdinalIgnoreCase))
            .Select(h => KeyValuePair.Create(h.Key, h.Value.ToString())).ToList();
        var reentrancy = context.Request.Headers["Dapr-Reentrancy-Id"].ToString();
        var reply = await runtime.InvokeAsync(
            Ref(context),
            new ActorCall(method, await ApiHttp.ReadBodyAsync(context), context.Request.ContentType ?? "application/octet-stream", headers, reentrancy.Length > 0 ? reentrancy : null),
            context.RequestAborted);
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers[name] = value;
        }
        context.Response.ContentLength = reply.Body.Length;
        await context.Response.Body.WriteAsync(reply.Body, context.RequestAborted);
    }

    private static (string Key, byte[]? Value, int? TtlSeconds) Operation(JsonElement operation)
    {
        var kind = operation.TryGetProperty("operation", out var o) ? o.GetString() : null;
        if (!operation.TryGetProperty("request", out var request) || !request.TryGetProperty("key", out var key))
        {
            throw ApiException.Malformed("every operation needs request.key");
        }
        return kind switch
        {
            "upsert" => (key.GetString() ?? "", request.TryGetProperty("value", out var value) ? StateEndpoints.Bytes(value) : "null"u8.ToArray(), StateEndpoints.Ttl(request)),
            "delete" => (key.GetString() ?? "", null, null),
            _ => throw ApiException.Malformed($"operation '{kind}' must be upsert or delete"),
        };
    }

    private static ActorRef Ref(HttpContext context)
    {
        var actor = new ActorRef(ApiHttp.Value(context, "type"), ApiHttp.Value(context, "id"));
        return actor.Type.Length > LongestName || actor.Id.Length > LongestName || actor.Type.Contains('|', StringComparison.Ordinal) || actor.Id.Contains("||", StringComparison.Ordinal)
            ? throw ApiException.Malformed($"actor type and id have at most {LongestName} characters and no '||'")
            : actor;
    }

    private static string Name(HttpContext context)
    {
        var name = ApiHttp.Value(context, "name");
        return name.Length > LongestName ? throw ApiException.Malformed($"name is longer than {LongestName} characters") : name;
    }
}
