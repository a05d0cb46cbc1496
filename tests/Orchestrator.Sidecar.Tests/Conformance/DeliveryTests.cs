using System.Text.Json;
using Dapr;
using Dapr.AspNetCore;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Conformance;

public sealed class DeliveryTests
{
    private const string DeadLetters = """
        apiVersion: dapr.io/v2alpha1
        kind: Subscription
        metadata: { name: work }
        spec: { pubsubname: pubsub, topic: work, routes: { default: /work }, deadLetterTopic: work.dead }
        scopes: [ worker ]
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_failing_delivery_is_retried_until_it_succeeds()
    {
        await using var network = await Network.StartAsync();
        var attempts = new Inbox<int>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", ([FromBody] int n) =>
        {
            attempts.Add(n);
            return attempts.Items.Count < 4 ? Results.StatusCode(500) : Results.Ok();
        }).WithTopic("pubsub", "t"));

        await app.Client.PublishEventAsync("pubsub", "t", 5, Cancel);

        (await attempts.CountAsync(4)).ShouldBe([5, 5, 5, 5]);
    }

    [Theory]
    [InlineData("RETRY", 200, 6)]
    [InlineData("NONSENSE", 200, 6)]
    [InlineData("DROP", 200, 1)]
    [InlineData("SUCCESS", 404, 1)]
    [InlineData("SUCCESS", 503, 6)]
    public async Task What_is_given_up_goes_to_the_dead_letter_topic(string status, int code, int attempts)
    {
        await using var network = await Network.StartAsync(Yaml.Join(Yaml.Default, DeadLetters));
        var (seen, dead) = (new Inbox<int>(), new Inbox<int>());
        await network.AddAppAsync("worker", web => web.MapPost("/work", ([FromBody] int n) =>
        {
            seen.Add(n);
            return Results.Json(new { status }, statusCode: code);
        }));
        var watcher = await network.AddAppAsync("watcher", web => web.MapPost("/dead", ([FromBody] int n) => dead.Add(n)).WithTopic("pubsub", "work.dead"));

        await watcher.Client.PublishEventAsync("pubsub", "work", 9, Cancel);

        (await dead.FirstAsync()).ShouldBe(9);
        seen.Items.Count.ShouldBe(attempts);
    }

    [Fact]
    public async Task Without_a_policy_one_failure_loses_the_message()
    {
        await using var network = await Network.StartAsync(Yaml.PubSub);
        var seen = new Inbox<int>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", ([FromBody] int n) =>
        {
            seen.Add(n);
            return n == 1 ? Results.StatusCode(500) : Results.Ok();
        }).WithTopic("pubsub", "t"), options: new AppOptions { AppId = "app", Concurrency = 1 });

        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        await app.Client.PublishEventAsync("pubsub", "t", 2, Cancel);

        (await seen.CountAsync(2)).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Retries_wait_as_the_policy_says()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        var retry = """
            kind: Resiliency
            spec:
              policies: { retries: { slow: { policy: constant, duration: 1h, maxRetries: 2 } } }
              targets: { components: { pubsub: { inbound: { retry: slow } } } }
            """;
        await using var network = await Network.StartAsync(Yaml.Join(Yaml.PubSub, retry), o => o with { TimeProvider = time });
        var seen = new Inbox<DateTimeOffset>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", ([FromBody] int n) =>
        {
            seen.Add(time.GetUtcNow());
            return Results.StatusCode(500);
        }).WithTopic("pubsub", "t"));
        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);

        await seen.CountAsync(1);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience.Long);
        while (seen.Items.Count < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }

        (seen.Items[1] - seen.Items[0]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Routes_follow_the_first_rule_that_holds()
    {
        var subscription = """
            kind: Subscription
            metadata: { name: routed }
            spec:
              pubsubname: pubsub
              topic: t
              routes:
                rules:
                  - { match: 'event.type == "big" && event.data.n > 10', path: /big }
                  - { match: 'has(event.data.name)', path: /named }
                default: /rest
            """;
        await using var network = await Network.StartAsync(Yaml.Join(Yaml.Default, subscription));
        var seen = new Inbox<string>();
        var app = await network.AddAppAsync("app", web =>
        {
            foreach (var path in new[] { "big", "named", "rest" })
            {
                web.MapPost("/" + path, ([FromBody] JsonElement e) => seen.Add($"{path} {e}"));
            }
        });

        var big = new Dictionary<string, string> { ["cloudevent.type"] = "big" };
        await app.Client.PublishEventAsync("pubsub", "t", new { n = 11 }, big, Cancel);
        await app.Client.PublishEventAsync("pubsub", "t", new { n = 9 }, big, Cancel);
        await app.Client.PublishEventAsync("pubsub", "t", new { name = "x" }, Cancel);

        (await seen.CountAsync(3)).ShouldBe(["""big {"n":11}""", """rest {"n":9}""", """named {"name":"x"}"""], ignoreOrder: true);
    }

    [Fact]
    public async Task A_bulk_subscriber_gets_bulk_envelopes_and_answers_per_entry()
    {
        await using var network = await Network.StartAsync();
        var (seen, attempts) = (new Inbox<int>(), 0);
        var app = await network.AddAppAsync("app", web => web.MapPost("/bulk", ([FromBody] BulkSubscribeMessage<BulkMessageModel<int>> bulk) =>
        {
            var status = Interlocked.Increment(ref attempts) == 1 ? BulkSubscribeAppResponseStatus.RETRY : BulkSubscribeAppResponseStatus.SUCCESS;
            bulk.Entries.ForEach(e => seen.Add(e.Event.Data));
            return new BulkSubscribeAppResponse([.. bulk.Entries.Select(e => new BulkSubscribeAppResponseEntry(e.EntryId, status))]);
        }).WithTopic("pubsub", "t").WithBulkSubscribe(new BulkSubscribeTopicOptions { TopicName = "t", MaxMessagesCount = 5, MaxAwaitDurationMs = 10 }));

        await app.Client.PublishEventAsync("pubsub", "t", 4, Cancel);

        (await seen.CountAsync(2)).ShouldBe([4, 4]);
    }

    [Fact]
    public async Task An_app_that_breaks_the_connection_gets_the_message_again()
    {
        await using var network = await Network.StartAsync();
        var seen = new Inbox<int>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", (HttpContext http, [FromBody] int n) =>
        {
            seen.Add(n);
            if (seen.Items.Count == 1)
            {
                http.Abort();
            }
        }).WithTopic("pubsub", "t"));

        await app.Client.PublishEventAsync("pubsub", "t", 4, Cancel);

        (await seen.CountAsync(2)).ShouldBe([4, 4]);
    }

    [Fact]
    public async Task An_app_out_of_a_subscriptions_scope_does_not_get_it()
    {
        await using var network = await Network.StartAsync(Yaml.Join(Yaml.Default, DeadLetters));
        var (mine, others) = (new Inbox<int>(), new Inbox<int>());
        var app = await network.AddAppAsync("worker", web => web.MapPost("/work", ([FromBody] int n) => mine.Add(n)));
        await network.AddAppAsync("other", web => web.MapPost("/work", ([FromBody] int n) => others.Add(n)));

        await app.Client.PublishEventAsync("pubsub", "work", 1, Cancel);

        await mine.FirstAsync();
        others.Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task Topic_scopes_decide_who_publishes_and_who_subscribes()
    {
        var pubsub = """
            kind: Component
            metadata: { name: pubsub }
            spec:
              type: pubsub.redis
              metadata:
                - { name: allowedTopics, value: "a,b,work.n1" }
                - { name: protectedTopics, value: "work.n1" }
                - { name: publishingScopes, value: "control=a,work.n1;mute=" }
                - { name: subscriptionScopes, value: "n1=work.n1" }
            """;
        await using var network = await Network.StartAsync(Yaml.Join(pubsub, Yaml.StateStore));
        var (n1, n2) = (new Inbox<int>(), new Inbox<int>());
        var control = await network.AddAppAsync("control");
        var mute = await network.AddAppAsync("mute");
        await network.AddAppAsync("n2", web => web.MapPost("/w", ([FromBody] int n) => n2.Add(n)).WithTopic("pubsub", "work.n1"));
        await network.AddAppAsync("n1", web => web.MapPost("/w", ([FromBody] int n) => n1.Add(n)).WithTopic("pubsub", "work.n1"));

        await control.Client.PublishEventAsync("pubsub", "work.n1", 1, Cancel);
        (await n1.FirstAsync()).ShouldBe(1);
        n2.Items.ShouldBeEmpty();
        await DeniedAsync(control, "b");
        await DeniedAsync(control, "elsewhere");
        await DeniedAsync(mute, "a");
        await DeniedAsync(mute, "work.n1");
    }

    [Fact]
    public async Task An_app_that_was_down_gets_what_it_missed_when_it_is_back()
    {
        await using var network = await Network.StartAsync();
        var seen = new Inbox<int>();
        void Map(WebApplication web) => web.MapPost("/t", ([FromBody] int n) => seen.Add(n)).WithTopic("pubsub", "t");
        var publisher = await network.AddAppAsync("publisher");
        var app = await network.AddAppAsync("app", Map);
        await publisher.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        await seen.CountAsync(1);

        await app.DisposeAsync();
        await publisher.Client.PublishEventAsync("pubsub", "t", 2, Cancel);
        await using var again = await TestApp.StartAsync(app.Served, null, Map, null, null);
        network.Sidecar.ConnectApp("app", again.Address);

        // The first comes again if its acknowledgement went down with the app.
        (await seen.UntilAsync(i => i.Contains(2))).Distinct().ShouldBe([1, 2]);
    }

    [Fact]
    public async Task An_app_that_restarts_on_the_same_port_is_asked_again_for_its_subscriptions()
    {
        await using var network = await Network.StartAsync();
        var seen = new Inbox<string>();
        var publisher = await network.AddAppAsync("publisher");
        var app = await network.AddAppAsync("app", web => web.MapPost("/old", ([FromBody] string s) => seen.Add("old " + s)).WithTopic("pubsub", "t"));

        await app.DisposeAsync();
        await using var again = await TestApp.StartAsync(
            app.Served, null, web => web.MapPost("/new", ([FromBody] string s) => seen.Add("new " + s)).WithTopic("pubsub", "t"), null, null, port: app.Address.Port);
        await publisher.Client.PublishEventAsync("pubsub", "t", "x", Cancel);

        (await seen.FirstAsync()).ShouldBe("new x");
    }

    private static async Task DeniedAsync(TestApp app, string topic)
    {
        var error = await Should.ThrowAsync<DaprException>(() => app.Client.PublishEventAsync("pubsub", topic, 1, Cancel));
        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.PermissionDenied);
    }
}
