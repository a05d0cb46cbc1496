using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A node that reports but cannot be dialled gets neither shards nor work, and everybody can see why.</summary>
public sealed class ReachTests
{
    private static readonly Uri Nowhere = new("https://127.0.0.1:1/");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_names_a_wrong_address_gets_no_work_until_it_names_the_right_one()
    {
        await using var platform = await StartAsync(nodes: 4);
        var node = platform.Network.Nodes[2];
        node.Claimed = Nowhere;
        await platform.Network.RegisterAsync(node);
        await platform.Network.BeatAsync(node);
        await HasStatusAsync(platform, node, "unreached");
        await Eventually.Holds(
            async () => $"{(await ViewAsync(platform, node)).GetProperty("unreached")}".Contains($"does not get through to {Nowhere} (it never did", StringComparison.Ordinal), () => "nobody says why", cancel: Cancel);

        string job = await SubmitAsync(platform);
        await Eventually.Holds(async () => (await StateAsync(platform, job)).Contains("1 that the platform does not reach", StringComparison.Ordinal), () => "the job does not wait", cancel: Cancel);
        platform.Network.Assignments.Items.ShouldBeEmpty();

        node.Claimed = null;
        await platform.Network.RegisterAsync(node);
        await platform.Network.BeatAsync(node);
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");
        (await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("status").GetString().ShouldBe("completed");
        (await ViewAsync(platform, node)).GetProperty("unreached").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_node_that_nobody_reaches_is_given_no_shards()
    {
        await using var platform = await StartAsync(nodes: 5);
        var node = platform.Network.Nodes[2];
        node.Claimed = Nowhere;
        await platform.Network.RegisterAsync(node);
        await platform.Network.BeatAsync(node);
        await HasStatusAsync(platform, node, "unreached");

        (await PlaceAsync(platform)).Content.ShouldNotContain(node.Id.Value);

        foreach (var other in platform.Network.Nodes)
        {
            other.Claimed = Nowhere;
            await platform.Network.RegisterAsync(other);
            await platform.Network.BeatAsync(other);
            await HasStatusAsync(platform, other, "unreached");
        }

        var (status, content) = await PlaceAsync(platform);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        content.ShouldContain("the platform does not reach 5 live ones at their stream endpoints");
    }

    [Fact]
    public async Task A_node_at_which_jobs_are_lost_is_dialled_again_at_once()
    {
        await using var platform = await StartAsync(nodes: 4);
        platform.Network.Behave = _ => new() { Failure = new ChainFailure(FailureCodes.Unreachable, "stage 1 is gone", 1) };
        string job = await SubmitAsync(platform);
        await Eventually.Holds(async () => (await StateAsync(platform, job)).Contains("not heard since", StringComparison.Ordinal), () => "the job does not wait", cancel: Cancel);
        var lost = platform.Network.Node(platform.Network.Assignments.Items.First(a => a.Stage == 1).Node);
        lost.Deaf = true;

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var beats = platform.Network.BeatOnAsync(enough.Token);
        await HasStatusAsync(platform, lost, "unreached");
        lost.Deaf = false;
        await HasStatusAsync(platform, lost, "ready");
        await enough.CancelAsync();
        await beats;
    }

    private static Task<Platform> StartAsync(int nodes) => Platform.StartAsync(nodes, chains: 1, o => o with { DefaultChains = 1 });

    private static Task<JsonElement> ViewAsync(Platform platform, FakeNode node) => platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}");

    private static Task HasStatusAsync(Platform platform, FakeNode node, string status) => Eventually.Holds(
        async () => (await ViewAsync(platform, node)).GetProperty("status").GetString() == status, () => $"the node is not {status}", cancel: Cancel);

    private static async Task<(HttpStatusCode Status, string Content)> PlaceAsync(Platform platform)
    {
        using var admin = platform.Client(Platform.AdminKey);
        using var placed = await admin.PostAsync($"/api/models/{platform.Model.Manifest.Name}/place", Platform.Json("""{"chains":1}"""), Cancel);
        return (placed.StatusCode, await placed.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<string> SubmitAsync(Platform platform)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync(
            "/api/jobs",
            Platform.Json($$"""{"model":"{{platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"wait"}],"max_tokens":20,"orchestrator":{"assurance":"none"} }"""),
            Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        return submitted.Headers.GetValues("x-orchestrator-job").Single();
    }

    private static async Task<string> StateAsync(Platform platform, string job)
    {
        await foreach (var instance in platform.Workflows.ListAsync())
        {
            if (instance.InstanceId == job)
                return instance.CustomStatusJson ?? "";
        }

        return "";
    }
}
