using System.Net.Http.Headers;
using System.Text.Json;
using Orchestrator.Contracts;
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

        (await Platform.GetAsync<JsonElement>($"/api/nodes/{victim.Id}")).GetProperty("streamEndpoint").GetString().ShouldNotStartWith("https://127.0.0.1:1/");
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
    public async Task A_result_for_a_job_that_never_was_is_dropped_when_it_cannot_be_news()
    {
        JobId.TryParse("job-" + new string('0', 32), out var old).ShouldBeTrue();

        (await DeliverAsync("results", Result(old, Stranger.Node))).ShouldBe("DROP");
        (await DeliverAsync("results", Result(JobId.New(TimeProvider.System), Stranger.Node))).ShouldBe("RETRY");
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

        (await DeliverAsync("results", Result(session.Assignment.Job, Stranger.Node))).ShouldBe("DROP");

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

    private static SignedMessage Result(JobId job, NodeId node) => MessageSigning.Seal(
        MessageTypes.ChainResult,
        new ChainResult(1, node, job, SessionId.Derive(job, 0, 0), 0, 0, 1, [], [], new ChainTiming(1, 1, 1), new ChainFailure(FailureCodes.Internal, "ha", null)),
        ContractsJson.Default.ChainResult,
        Stranger);

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
