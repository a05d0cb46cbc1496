using System.Text;
using System.Text.Json;
using CsCheck;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Hosting;

public sealed class FuzzTests
{
    private static readonly (string Method, string Path)[] Endpoints =
    [
        ("POST", "/v1.0/state/statestore"), ("POST", "/v1.0/state/statestore/bulk"), ("POST", "/v1.0/state/statestore/transaction"),
        ("DELETE", "/v1.0/state/statestore/k"), ("POST", "/v1.0/publish/pubsub/t"), ("POST", "/v1.0/publish/bulk/pubsub/t"),
        ("PUT", "/v1.0/actors/Counter/a/state"), ("PUT", "/v1.0/actors/Counter/a/reminders/r"), ("PUT", "/v1.0/actors/Counter/a/timers/t"),
        ("PUT", "//v1.0/actors/Counter/a/timers/t"), ("PUT", "/v1.0/metadata/x"), ("GET", "/v1.0/secrets/none/x"), ("GET", "/v1.0/configuration/none"),
    ];

    private static readonly string[] Fragments =
    [
        "{", "}", "[", "]", ":", ",", "\"key\"", "\"value\"", "\"operations\"", "\"operation\"", "\"upsert\"", "\"request\"", "\"entryId\"", "\"event\"",
        "\"dueTime\"", "\"period\"", "\"data\"", "\"ttl\"", "\"metadata\"", "\"ttlInSeconds\"", "\"options\"", "\"concurrency\"", "\"etag\"", "\"keys\"",
        "null", "true", "1e999", "-5", "\"\\ud800\"", "\"10s\"", "\"||\"", "\"\"", "\0", "é",
    ];

    private static readonly string[] Shapes =
    [
        "[{\"key\":FILL,\"value\":1,\"etag\":FILL,\"metadata\":FILL,\"options\":FILL}]",
        "{\"operations\":[{\"operation\":FILL,\"request\":{\"key\":FILL,\"value\":FILL}}]}",
        "[{\"operation\":FILL,\"request\":FILL}]", "[{\"entryId\":FILL,\"event\":FILL,\"contentType\":FILL}]",
        "{\"dueTime\":FILL,\"period\":FILL,\"ttl\":FILL,\"data\":FILL}", "{\"keys\":FILL}", "FILL",
    ];

    [Fact]
    public async Task No_body_makes_the_sidecar_fail_with_an_internal_error()
    {
        await using var network = await Network.StartAsync();
        var app = await CounterApp.AddAsync(network, new CounterProbe());
        await app.Counter("a").AddAsync(1);
        var fragment = Gen.OneOf(Fragments).Array[1, 3].Select(string.Concat);
        var shaped = Gen.Select(Gen.OneOf(Shapes), fragment.Array[8]).Select((shape, fills) => fills.Aggregate(shape, (s, f) => Replace(s, f)));
        var noise = Gen.OneOf(Fragments).Array[0, 30].Select(string.Concat);
        await Gen.Select(Gen.OneOf(Endpoints), Gen.OneOf<string>(shaped, noise), Gen.OneOf("application/json", "application/cloudevents+json", "text/plain", "x/;;y")).SampleAsync(async (endpoint, body, type) =>
        {
            using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), app.Served.HttpEndpoint.ToString().TrimEnd('/') + endpoint.Path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            request.Headers.TryAddWithoutValidation("If-Match", body.Length % 2 == 0 ? "7" : "x");
            using var reply = await app.Http.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            ((int)reply.StatusCode < 500 || text.Contains("ERR_", StringComparison.Ordinal)).ShouldBeTrue($"{(int)reply.StatusCode} {text} for {endpoint} {body}");
        }, iter: 1500, threads: 1);

        (await app.Counter("a").AddAsync(1)).ShouldBe(2);
    }

    [Fact]
    public void Any_answer_of_an_app_about_itself_is_read_or_refused()
    {
        var keys = new[] { "pubsubname", "topic", "route", "routes", "rules", "default", "match", "path", "metadata", "bulkSubscribe", "enabled", "entities", "entitiesConfig", "reentrancy", "actorIdleTimeout", "maxStackDepth" };
        var leaf = Gen.OneOf("null", "true", "1", "-1", "1e400", "\"x\"", "\"1h\"", "[]", "{}");
        var pair = Gen.Select(Gen.OneOf(keys), leaf).Select((k, v) => $"\"{k}\":{v}");
        var flat = pair.Array[0, 5].Select(p => $"{{{string.Join(",", p)}}}");
        var nested = Gen.Select(Gen.OneOf(keys), Gen.OneOf<string>(flat, flat.Select(f => $"[{f}]"))).Select((k, v) => $"{{\"{k}\":{v}}}");
        Gen.OneOf<string>(leaf, flat, nested, nested.Array[0, 3].Select(n => $"[{string.Join(",", n)}]")).Sample(text =>
        {
            using var json = JsonDocument.Parse(text);
            foreach (var read in new Action<JsonElement>[] { j => AppInterview.Subscriptions(j), j => AppInterview.ActorTypes(j) })
            {
                try
                {
                    read(json.RootElement);
                }
                catch (Exception e) when (e is InvalidOperationException or FormatException)
                {
                    // What the interview turns into "try again later".
                }
            }
        }, iter: 5000);
    }

    private static string Replace(string shape, string fill)
    {
        var at = shape.IndexOf("FILL", StringComparison.Ordinal);
        return at < 0 ? shape : shape[..at] + fill + shape[(at + 4)..];
    }
}
