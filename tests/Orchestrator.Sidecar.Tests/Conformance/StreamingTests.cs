using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Sidecar.Tests.Kit;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Orchestrator.Sidecar.Tests.Conformance;

/// <summary>Streaming subscriptions, by the stub of the Dapr.Protos package.</summary>
public sealed class StreamingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_carries_the_publishers_bytes_and_the_attributes_of_its_envelope()
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app");
        using var stream = await TopicStream.OpenAsync(app.Served, "t");

        await app.Client.PublishByteEventAsync("pubsub", "t", """{"n":7}"""u8.ToArray(), "application/json", cancellationToken: Cancel);
        await app.Client.PublishByteEventAsync("pubsub", "t", "plain"u8.ToArray(), "text/plain", cancellationToken: Cancel);
        await app.Client.PublishByteEventAsync("pubsub", "t", new byte[] { 0, 255, 1 }, "application/octet-stream", cancellationToken: Cancel);

        var events = new[] { await stream.NextAsync(), await stream.NextAsync(), await stream.NextAsync() }.ToDictionary(e => e.DataContentType);
        events["application/json"].Data.ToStringUtf8().ShouldBe("""{"n":7}""");
        events["text/plain"].Data.ToStringUtf8().ShouldBe("plain");
        events["application/octet-stream"].Data.ToByteArray().ShouldBe([0, 255, 1]);
        events.Values.ShouldAllBe(e => e.Topic == "t" && e.PubsubName == "pubsub" && e.Source == "app" && e.SpecVersion == "1.0" && e.Id.Length > 0);
    }

    [Fact]
    public async Task What_a_stream_did_not_answer_goes_to_the_next_and_what_it_answered_does_not()
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app");
        var first = await TopicStream.OpenAsync(app.Served, "t");
        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        var done = await first.NextAsync();
        await first.AnswerAsync(done);
        await app.Client.PublishEventAsync("pubsub", "t", 2, Cancel);
        var open = await first.NextAsync();

        await first.CloseAsync();
        await app.Client.PublishEventAsync("pubsub", "t", 3, Cancel);
        using var second = await TopicStream.OpenAsync(app.Served, "t");

        var rest = new[] { await second.NextAsync(), await second.NextAsync() };
        rest.Select(e => e.Data.ToStringUtf8()).Order().ShouldBe(["2", "3"]);
        rest.ShouldContain(e => e.Id == open.Id);
    }

    [Fact]
    public async Task Messages_wait_for_a_stream_while_the_app_restarts_and_its_sidecar_too()
    {
        await using var network = await Network.StartAsync();
        await network.Sidecar.DisposeAsync();
        await network.StartSidecarAsync(o => o with { DataDirectory = network.DataDirectory });
        var app = await network.AddAppAsync("app");
        await (await TopicStream.OpenAsync(app.Served, "t")).CloseAsync();
        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        await app.DisposeAsync();

        await network.Sidecar.DisposeAsync();
        await network.StartSidecarAsync(o => o with { DataDirectory = network.DataDirectory });
        var again = await network.AddAppAsync("app", web => web.MapPost("/other", ([FromBody] int _) => { }).WithTopic("pubsub", "other"));
        using var stream = await TopicStream.OpenAsync(again.Served, "t");

        (await stream.NextAsync()).Data.ToStringUtf8().ShouldBe("1");
    }

    [Theory]
    [InlineData(Status.Retry, 6)]
    [InlineData(Status.Drop, 1)]
    public async Task What_a_stream_refuses_goes_to_its_dead_letter_topic(Status status, int attempts)
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app");
        using var stream = await TopicStream.OpenAsync(app.Served, "t", deadLetters: "t.dead");
        using var dead = await TopicStream.OpenAsync(app.Served, "t.dead");
        await app.Client.PublishEventAsync("pubsub", "t", 9, Cancel);

        for (int i = 0; i < attempts; i++)
        {
            await stream.AnswerAsync(await stream.NextAsync(), status);
        }

        (await dead.NextAsync()).Data.ToStringUtf8().ShouldBe("9");
    }

    [Fact]
    public async Task Two_streams_of_an_app_share_its_messages_and_another_app_gets_its_own_copy()
    {
        await using var network = await Network.StartAsync();
        var (app, other) = (await network.AddAppAsync("app"), await network.AddAppAsync("other"));
        using var one = await TopicStream.OpenAsync(app.Served, "t");
        using var two = await TopicStream.OpenAsync(app.Served, "t");
        using var copy = await TopicStream.OpenAsync(other.Served, "t");

        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        await app.Client.PublishEventAsync("pubsub", "t", 2, Cancel);

        new[] { await one.NextAsync(), await two.NextAsync() }.Select(e => e.Data.ToStringUtf8()).Order().ShouldBe(["1", "2"]);
        new[] { await copy.NextAsync(), await copy.NextAsync() }.Select(e => e.Data.ToStringUtf8()).Order().ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Answers_to_unknown_events_mean_nothing()
    {
        await using var network = await Network.StartAsync();
        var app = await network.AddAppAsync("app");
        using var stream = await TopicStream.OpenAsync(app.Served, "t");
        await stream.AnswerAsync("nobody");
        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        var message = await stream.NextAsync();
        await stream.AnswerAsync(message);
        await stream.AnswerAsync(message, Status.Retry);
        await app.Client.PublishEventAsync("pubsub", "t", 2, Cancel);

        (await stream.NextAsync()).Data.ToStringUtf8().ShouldBe("2");
    }

    [Fact]
    public async Task Scopes_and_the_order_of_messages_are_enforced()
    {
        await using var network = await Network.StartAsync("""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: pubsub }
            spec: { type: pubsub.redis, version: v1, metadata: [ { name: subscriptionScopes, value: "app=mine" } ] }
            """);
        var app = await network.AddAppAsync("app", web => web.MapPost("/mine", ([FromBody] int _) => { }).WithTopic("pubsub", "mine"));

        (await RefusalAsync("foreign")).ShouldBe(StatusCode.PermissionDenied);
        (await RefusalAsync("mine")).ShouldBe(StatusCode.AlreadyExists);
        (await RefusalAsync("mine", pubSub: "nowhere")).ShouldBe(StatusCode.InvalidArgument);
        (await RefusalAsync("")).ShouldBe(StatusCode.InvalidArgument);
        using var hasty = TopicStream.Raw(app.Served);
        await hasty.RequestStream.WriteAsync(new() { EventProcessed = new() { Id = "1" } }, Cancel);
        (await Should.ThrowAsync<RpcException>(() => hasty.ResponseStream.MoveNext(Cancel))).StatusCode.ShouldBe(StatusCode.InvalidArgument);

        async Task<StatusCode> RefusalAsync(string topic, string pubSub = "pubsub") =>
            (await Should.ThrowAsync<RpcException>(() => TopicStream.OpenAsync(app.Served, topic, pubSub: pubSub))).StatusCode;
    }
}
