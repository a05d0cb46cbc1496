using System.Net;
using System.Text.Json;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Apps;

/// <summary>Asks an app that came up what it handles: <c>GET /dapr/config</c> and <c>GET /dapr/subscribe</c>.</summary>
internal static class AppInterview
{
    private const int LargestAnswerBytes = 1 << 20;

    /// <exception cref="HttpRequestException">No usable answer.</exception>
    public static async Task<AppDescription> AskAsync(App app, CancellationToken stop) => new(
        await GetAsync(app, "/dapr/subscribe", Subscriptions, [], stop),
        await GetAsync(app, "/dapr/config", ActorTypes, AppDescription.Nothing.ActorTypes, stop));

    private static async Task<T> GetAsync<T>(App app, string path, Func<JsonElement, T> read, T absent, CancellationToken stop)
    {
        using var reply = await app.Client.SendAsync(HttpMethod.Get, path, null, null, stop);
        if (reply.StatusCode == HttpStatusCode.NotFound)
        {
            return absent;
        }
        if (reply.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"GET {path} of '{app.Id}' answered {(int)reply.StatusCode}");
        }
        var body = await AppClient.ReadAsync(reply.Content, LargestAnswerBytes, stop);
        if (body.Length == 0)
        {
            return absent;
        }
        try
        {
            using var json = JsonDocument.Parse(body);
            return read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new HttpRequestException($"GET {path} of '{app.Id}' answered JSON of the wrong shape: {e.Message}", e);
        }
    }

    internal static IReadOnlyList<SubscriptionSpec> Subscriptions(JsonElement root) =>
        root.ValueKind == JsonValueKind.Null ? [] : [.. root.EnumerateArray().Select(Subscription)];

    private static SubscriptionSpec Subscription(JsonElement s)
    {
        var routes = Child(s, "routes");
        // Routes lack their leading slash in what the SDK answers.
        var fallback = Text(routes, "default") ?? Text(s, "route");
        var rules = Child(routes, "rules") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(r => new RouteRule(Text(r, "match") ?? "", Path(Text(r, "path") ?? ""))).ToList()
            : [];
        return new SubscriptionSpec(
            Text(s, "pubsubname") ?? Text(s, "pubsubName") ?? "",
            Text(s, "topic") ?? "",
            rules,
            string.IsNullOrEmpty(fallback) ? null : Path(fallback),
            Text(s, "deadLetterTopic") is { Length: > 0 } dead ? dead : null,
            string.Equals(Text(Child(s, "metadata"), "rawPayload"), "true", StringComparison.OrdinalIgnoreCase),
            Flag(Child(s, "bulkSubscribe"), "enabled"),
            []);
    }

    internal static IReadOnlyDictionary<string, ActorTypeConfig> ActorTypes(JsonElement root)
    {
        var types = new Dictionary<string, ActorTypeConfig>(StringComparer.Ordinal);
        var shared = Config(root, ActorTypeConfig.Default);
        foreach (var name in Names(Child(root, "entities")))
        {
            types[name] = shared;
        }
        if (Child(root, "entitiesConfig") is { ValueKind: JsonValueKind.Array } special)
        {
            foreach (var config in special.EnumerateArray())
            {
                foreach (var name in Names(Child(config, "entities")))
                {
                    types[name] = Config(config, shared);
                }
            }
        }
        return types;
    }

    private static ActorTypeConfig Config(JsonElement json, ActorTypeConfig inherited)
    {
        var reentrancy = Child(json, "reentrancy");
        return new ActorTypeConfig(
            Span(json, "actorIdleTimeout") ?? inherited.IdleTimeout,
            Span(json, "drainOngoingCallTimeout") ?? inherited.DrainTimeout,
            reentrancy.ValueKind != JsonValueKind.Object ? inherited.MaxStackDepth
                : !Flag(reentrancy, "enabled") ? 0
                : Number(reentrancy, "maxStackDepth") is > 0 and <= 1024 and var depth ? depth : 32);
    }

    private static string Path(string route) => route.StartsWith('/') ? route : "/" + route;

    private static JsonElement Child(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var child) ? child : default;

    private static string? Text(JsonElement json, string name) =>
        Child(json, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static bool Flag(JsonElement json, string name) => Child(json, name).ValueKind == JsonValueKind.True;

    private static int? Number(JsonElement json, string name) =>
        Child(json, name) is { ValueKind: JsonValueKind.Number } n && n.TryGetInt32(out var value) ? value : null;

    private static TimeSpan? Span(JsonElement json, string name) =>
        DaprDuration.TryParse(Text(json, name), out var value) && value >= TimeSpan.Zero ? value : null;

    private static IEnumerable<string> Names(JsonElement list) =>
        list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(n => n.GetString() ?? "").Where(n => n.Length > 0) : [];
}
