using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Whoever can reach the broker can publish: such messages are dropped at once, never retried, and change nothing.</summary>
public sealed class HostileMessageTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private static readonly SigningKey Stranger = SigningKey.FromSeed(new byte[32]);

    private Platform Platform => shared.Platform;

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"specversion":"1.0","data":{"type":"node-record/1","payload":null,"key":null,"signature":null}}""")]
    [InlineData("""{"specversion":"1.0","data_base64":"!!"}""")]
    [InlineData("""{"type":"node-record/1","payload":"AAAA","key":"AAAA","signature":"AAAA"}""")]
    [InlineData("""{"type":"chain-result/1","payload":"bnVsbA==","key":"AAAA","signature":"AAAA"}""")]
    public async Task Garbage_is_dropped(string body)
    {
        (await DeliverAsync("nodes", body)).ShouldBe("DROP");
        (await DeliverAsync("results", body)).ShouldBe("DROP");
    }

    [Fact]
    public async Task A_record_of_another_node_is_dropped()
    {
        var victim = Platform.Network.Nodes[0];
        var record = victim.Record(new Uri("https://127.0.0.1:1/"), Digest.Of([1]), DateTimeOffset.UtcNow);

        (await DeliverAsync("nodes", MessageSigning.Seal(MessageTypes.NodeRecord, record, ContractsJson.Default.NodeRecord, Stranger))).ShouldBe("DROP");

        (await Platform.GetAsync<JsonElement>($"/api/nodes/{victim.Id}")).GetProperty("stream_endpoint").GetString().ShouldNotStartWith("https://127.0.0.1:1/");
    }

    [Fact]
    public async Task A_record_out_of_bounds_is_dropped()
    {
        var good = Platform.Network.Nodes[0].Record(new Uri("https://127.0.0.1:1/"), Digest.Of([1]), DateTimeOffset.UtcNow) with { Node = Stranger.Node };
        NodeRecord[] bad =
        [
            good with { Host = "protocol" },
            good with { Host = "Not A Label" },
            good with { StreamEndpoint = new Uri("http://127.0.0.1/") },
            good with { StreamEndpoint = new Uri("/relative", UriKind.Relative) },
            good with { DataEndpoint = "nowhere" },
            good with { PricePerLayerToken = -1 },
            good with { SchemaVersion = 2 },
            good with { IssuedAt = DateTimeOffset.UtcNow.AddDays(1) },
            good with { IssuedAt = DateTimeOffset.UtcNow.AddDays(-1) },
            good with { DataEndpoint = "" },
            good with { Relay = new("relay:8444") },
            good with { SchemaVersion = 2, Relay = new("relay") },
            good with { SchemaVersion = 2, Relay = new("relay:8444", default(Digest)) },
            good with { SchemaVersion = 2, Relay = new(new string('r', 300) + ":8444") },
            good with { SchemaVersion = 2, Relay = new("relay:8444"), DataEndpoint = "" },
            good with { SchemaVersion = 2, Relay = new("relay:8444"), StreamEndpoint = RelayEndpoint.HiddenStream(Stranger.Node) },
        ];

        foreach (var record in bad)
            (await DeliverAsync("nodes", MessageSigning.Seal(MessageTypes.NodeRecord, record, ContractsJson.Default.NodeRecord, Stranger))).ShouldBe("DROP", record.ToString());
        (await Platform.GetAsync<JsonElement>("/api/nodes")).GetProperty("nodes").EnumerateArray().ShouldNotContain(n => n.GetProperty("node").GetString() == Stranger.Node.Value);
    }

    [Fact]
    public async Task A_heartbeat_before_registration_is_dropped()
    {
        var heartbeat = new NodeHeartbeat(1, Stranger.Node, 1, [], 0, false, DateTimeOffset.UtcNow);

        (await DeliverAsync("nodes", MessageSigning.Seal(MessageTypes.NodeHeartbeat, heartbeat, ContractsJson.Default.NodeHeartbeat, Stranger))).ShouldBe("DROP");
    }

    [Fact]
    public async Task Old_records_and_heartbeats_are_counted_with_what_else_is_refused()
    {
        using var listener = new MeterListener();
        ConcurrentQueue<(object? Topic, object? Reason, long Count)> counted = [];
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Scope == Platform.Services.GetRequiredService<IMeterFactory>() && instrument.Name == "orchestrator.messages.dropped")
                all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Enqueue((tags[0].Value, tags[1].Value, count)));
        listener.Start();
        var (node, at) = (Platform.Network.Nodes[0], DateTimeOffset.UtcNow.AddDays(-1));

        (await DeliverAsync("nodes", MessageSigning.Seal(MessageTypes.NodeRecord, node.Record(new Uri("https://127.0.0.1:1/"), Digest.Of([1]), at), ContractsJson.Default.NodeRecord, node.Key))).ShouldBe("DROP");
        (await DeliverAsync("nodes", MessageSigning.Seal(MessageTypes.NodeHeartbeat, node.Heartbeat(at), ContractsJson.Default.NodeHeartbeat, node.Key))).ShouldBe("DROP");

        counted.Where(c => Equals(c.Item2, "old")).ShouldBe([("nodes", "old", 1), ("nodes", "old", 1)]);
    }

    [Fact]
    public async Task A_result_for_a_job_that_never_was_is_dropped_when_it_cannot_be_news()
    {
        JobId.TryParse("job-" + new string('0', 32), out var old).ShouldBeTrue();

        var node = Platform.Network.Nodes[0].Key;
        (await DeliverAsync("results", Result(old, node))).ShouldBe("DROP");
        (await DeliverAsync("results", Result(JobId.New(Platform.Clock), node))).ShouldBe("RETRY");
        (await DeliverAsync("results", Result(JobId.New(Platform.Clock), Stranger))).ShouldBe("DROP");
    }

    [Fact]
    public async Task Nodes_cannot_hold_up_the_results_of_others_with_invented_jobs()
    {
        foreach (var node in Platform.Network.Nodes)
            (await DeliverAsync("results", Result(JobId.New(Platform.Clock), node.Key, ticket: Digest.Of([1])))).ShouldBe("DROP");
    }

    [Fact]
    public async Task A_stranger_cannot_answer_a_running_job()
    {
        var never = new TaskCompletionSource();
        Platform.Network.Behave = a => a.Edge?.Prompt.Messages?[0].Content == "guarded" ? new Script { Pause = (1, never.Task) } : Script.Honest;
        using var client = Platform.Client();
        var asking = client.PostAsync(
            "/v1/chat/completions", Kit.Platform.Json($$"""{"model":"{{Platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"guarded"}]}"""), TestContext.Current.CancellationToken);
        var session = await Platform.Network.Sessions.FirstAsync(s => s.Assignment.Edge!.Prompt.Messages?[0].Content == "guarded", "the session", TestContext.Current.CancellationToken);
        await Eventually.Holds(
            async () => await Platform.Workflows.GetAsync(session.Assignment.Job.Value, TestContext.Current.CancellationToken) is not null, () => "the job is not recorded");

        var other = Platform.Network.Nodes.First(n => n.Id != session.Assignment.Node).Key;
        (await DeliverAsync("results", Result(session.Assignment.Job, Stranger))).ShouldBe("DROP");
        (await DeliverAsync("results", Result(session.Assignment.Job, other, attempt: 1))).ShouldBe("RETRY");
        (await DeliverAsync("results", Result(session.Assignment.Job, other, attempt: 1_000))).ShouldBe("DROP");
        (await DeliverAsync("results", Result(session.Assignment.Job, other, attempt: 1, ticket: session.Assignment.Edge!.StreamTokenDigest))).ShouldBe("DROP");

        asking.IsCompleted.ShouldBeFalse();
        never.SetResult();
        (await asking).EnsureSuccessStatusCode();
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Deliveries_without_the_sidecars_token_are_refused()
    {
        using var client = Platform.Client(null);

        using var response = await client.PostAsync("/messages/nodes", Kit.Platform.Json("{}"), TestContext.Current.CancellationToken);

        ((int)response.StatusCode).ShouldBe(401);
    }

    private SignedMessage Result(JobId job, SigningKey key, int attempt = 0, Digest? ticket = null)
    {
        var session = SessionId.Derive(job, 0, attempt);
        ticket ??= Platform.Services.GetRequiredService<StreamTokens>().DigestOf(session);
        return MessageSigning.Seal(
            MessageTypes.ChainResult,
            new ChainResult(1, key.Node, job, session, 0, attempt, 1, [], [], new ChainTiming(1, 1, 1), new ChainFailure(FailureCodes.Internal, "ha", null), ticket),
            ContractsJson.Default.ChainResult,
            key);
    }

    private Task<string?> DeliverAsync(string topic, SignedMessage message) => DeliverAsync(topic, JsonSerializer.Serialize(message, ContractsJson.Default.SignedMessage));

    private async Task<string?> DeliverAsync(string topic, string body)
    {
        using var client = Platform.Client(null);
        client.DefaultRequestHeaders.Add("dapr-api-token", "app-token");
        var content = Kit.Platform.Json(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/cloudevents+json");
        using var response = await client.PostAsync($"/messages/{topic}", content, TestContext.Current.CancellationToken);
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement.GetProperty("status").GetString();
    }
}
