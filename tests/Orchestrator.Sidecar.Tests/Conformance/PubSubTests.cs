using System.Text;
using System.Text.Json;
using Dapr;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Conformance;

public sealed class PubSubTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_published_object_arrives_at_every_app_that_subscribes()
    {
        await using var network = await Network.StartAsync();
        var (first, second) = (new Inbox<Order>(), new Inbox<Order>());
        var publisher = await network.AddAppAsync("publisher");
        await network.AddAppAsync("one", web => web.MapPost("/orders", (Order o) => first.Add(o)).WithTopic("pubsub", "orders"));
        await network.AddAppAsync("two", web => web.MapPost("/orders", (Order o) => second.Add(o)).WithTopic("pubsub", "orders"));

        await publisher.Client.PublishEventAsync("pubsub", "orders", new Order("a", 3), Cancel);

        (await first.FirstAsync()).ShouldBe(new Order("a", 3));
        (await second.FirstAsync()).ShouldBe(new Order("a", 3));
    }

    [Fact]
    public async Task A_message_published_before_anyone_subscribes_is_held_for_the_first_subscriber()
    {
        await using var network = await Network.StartAsync();
        var publisher = await network.AddAppAsync("publisher");
        await publisher.Client.PublishEventAsync("pubsub", "work.n1", new Order("early", 1), Cancel);

        var inbox = new Inbox<Order>();
        await network.AddAppAsync("n1", web => web.MapPost("/work", (Order o) => inbox.Add(o)).WithTopic("pubsub", "work.n1"));

        (await inbox.FirstAsync()).Id.ShouldBe("early");
    }

    [Fact]
    public async Task The_event_carries_the_CloudEvent_attributes_of_its_publisher()
    {
        await using var network = await Network.StartAsync();
        var inbox = new Inbox<JsonElement>();
        var publisher = await network.AddAppAsync("publisher");
        await AddRawSubscriberAsync(network, inbox, new { pubsubname = "pubsub", topic = "t", route = "raw" });

        await publisher.Client.PublishEventAsync("pubsub", "t", new Order("a", 1), new Dictionary<string, string> { ["cloudevent.type"] = "order.made" }, Cancel);

        var e = await inbox.FirstAsync();
        e.GetProperty("source").GetString().ShouldBe("publisher");
        e.GetProperty("type").GetString().ShouldBe("order.made");
        e.GetProperty("specversion").GetString().ShouldBe("1.0");
        e.GetProperty("topic").GetString().ShouldBe("t");
        e.GetProperty("pubsubname").GetString().ShouldBe("pubsub");
        e.GetProperty("datacontenttype").GetString().ShouldBe("application/json");
        e.GetProperty("id").GetString().ShouldNotBeNullOrEmpty();
        e.GetProperty("data").GetProperty("id").GetString().ShouldBe("a");
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00")]
    [InlineData("not a context\r\nx-forged: 1", "")]
    public async Task A_delivery_goes_on_in_the_trace_of_the_publisher(string published, string delivered)
    {
        await using var network = await Network.StartAsync();
        var inbox = new Inbox<string>();
        var publisher = await network.AddAppAsync("publisher");
        await network.AddAppAsync("app", web => web.MapPost("/t", (HttpRequest r) => inbox.Add(r.Headers.TraceParent + r.Headers["x-forged"].ToString())).WithTopic("pubsub", "t"));

        await publisher.Client.PublishEventAsync("pubsub", "t", new Order("a", 1), new Dictionary<string, string> { ["cloudevent.traceparent"] = published }, Cancel);

        (await inbox.FirstAsync()).ShouldBe(delivered);
    }

    [Fact]
    public async Task A_CloudEvent_of_ones_own_keeps_its_id_and_type()
    {
        await using var network = await Network.StartAsync();
        var inbox = new Inbox<JsonElement>();
        var publisher = await network.AddAppAsync("publisher");
        await AddRawSubscriberAsync(network, inbox, new { pubsubname = "pubsub", topic = "t", route = "raw" });

        await publisher.Client.PublishEventAsync("pubsub", "t", new CloudEvent<Order>(new Order("a", 1)) { Type = "mine", Source = new Uri("urn:me") }, Cancel);

        var e = await inbox.FirstAsync();
        e.GetProperty("type").GetString().ShouldBe("mine");
        e.GetProperty("source").GetString().ShouldBe("urn:me");
        e.GetProperty("topic").GetString().ShouldBe("t");
    }

    [Fact]
    public async Task Raw_bytes_reach_a_raw_subscriber_as_base64()
    {
        await using var network = await Network.StartAsync();
        var inbox = new Inbox<JsonElement>();
        var publisher = await network.AddAppAsync("publisher");
        await AddRawSubscriberAsync(network, inbox, new { pubsubname = "pubsub", topic = "t", route = "raw", metadata = new { rawPayload = "true" } });

        await publisher.Client.PublishByteEventAsync("pubsub", "t", new byte[] { 1, 2, 255 }, "application/octet-stream", new Dictionary<string, string> { ["rawPayload"] = "true" }, Cancel);

        (await inbox.FirstAsync()).GetProperty("data_base64").GetBytesFromBase64().ShouldBe([1, 2, 255]);
    }

    [Fact]
    public async Task Bulk_publish_delivers_every_entry()
    {
        await using var network = await Network.StartAsync();
        var inbox = new Inbox<Order>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/orders", (Order o) => inbox.Add(o)).WithTopic("pubsub", "orders"));

        var result = await app.Client.BulkPublishEventAsync("pubsub", "orders", Enumerable.Range(0, 20).Select(i => new Order($"o{i}", i)).ToList(), cancellationToken: Cancel);

        result.FailedEntries.ShouldBeEmpty();
        (await inbox.CountAsync(20)).Select(o => o.Count).Order().ShouldBe(Enumerable.Range(0, 20));
    }

    [Fact]
    public async Task HTTP_publish_works_like_gRPC()
    {
        await using var network = await Network.StartAsync();
        var inbox = new Inbox<Order>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/orders", (Order o) => inbox.Add(o)).WithTopic("pubsub", "orders"));

        var reply = await app.Http.PostAsync("/v1.0/publish/pubsub/orders", new StringContent("""{"id":"h","count":7}""", Encoding.UTF8, "application/json"), Cancel);

        ((int)reply.StatusCode).ShouldBe(204);
        (await inbox.FirstAsync()).ShouldBe(new Order("h", 7));
    }

    [Theory]
    [InlineData("nowhere", "t", StatusCode.InvalidArgument)]
    [InlineData("pubsub", "", StatusCode.InvalidArgument)]
    public async Task Publishing_to_what_does_not_exist_is_an_argument_error(string pubsub, string topic, StatusCode expected)
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app");

        // The SDK checks the topic itself; the raw API is what is tested for it.
        if (topic.Length == 0)
        {
            (await app.Http.PostAsync("/v1.0/publish/pubsub/", new StringContent("{}"), Cancel)).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
            return;
        }
        var error = await Should.ThrowAsync<DaprException>(() => app.Client.PublishEventAsync(pubsub, topic, new Order("a", 1), Cancel));
        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(expected);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused()
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app");

        var error = await Should.ThrowAsync<DaprException>(() => app.Client.PublishByteEventAsync("pubsub", "t", new byte[(4 * 1024 * 1024) + 1], cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<RpcException>().StatusCode.ShouldBe(StatusCode.ResourceExhausted);
    }

    internal static Task<TestApp> AddRawSubscriberAsync(Network network, Inbox<JsonElement> inbox, object subscription, string appId = "raw") =>
        network.AddAppAsync(appId, web =>
        {
            // Before the SDK's own handler, so that the subscription is exactly the one given.
            web.MapGet("/dapr/subscribe", () => Results.Json(new[] { subscription })).WithOrder(-1);
            web.MapPost("/raw", async (HttpRequest request) =>
            {
                using var json = await JsonDocument.ParseAsync(request.Body);
                inbox.Add(json.RootElement.Clone());
            });
        }, null, null, null, cloudEvents: false);

    internal sealed record Order(string Id, int Count);
}
