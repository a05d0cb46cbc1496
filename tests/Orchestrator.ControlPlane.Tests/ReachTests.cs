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
        await MoveAsync(platform, node, Nowhere, "unreached");
        await Eventually.Holds(
            async () => $"{(await ViewAsync(platform, node)).GetProperty("unreached")}".Contains($"does not get through to {Nowhere} (it never did", StringComparison.Ordinal), () => "nobody says why", cancel: Cancel);

        await platform.KnownAsync(node, known => known.Record.StreamEndpoint == Nowhere);
        string job = await platform.SubmitAsync();
        await Eventually.Holds(async () => (await platform.StateAsync(job)).Contains("1 that the platform does not reach", StringComparison.Ordinal), () => "the job does not wait", cancel: Cancel);
        platform.Network.Assignments.Items.ShouldBeEmpty();

        await MoveAsync(platform, node, null, "ready");
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");
        (await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("status").GetString().ShouldBe("completed");
        (await ViewAsync(platform, node)).GetProperty("unreached").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_node_that_nobody_reaches_is_given_no_shards()
    {
        await using var platform = await StartAsync(nodes: 5);
        var node = platform.Network.Nodes[2];
        await MoveAsync(platform, node, Nowhere, "unreached");

        (await PlaceAsync(platform)).Content.ShouldNotContain(node.Id.Value);

        foreach (var other in platform.Network.Nodes)
            await MoveAsync(platform, other, Nowhere, "unreached");

        var (status, content) = await PlaceAsync(platform);
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        content.ShouldContain("the platform does not reach 5 live ones at their stream endpoints");
    }

    [Fact]
    public async Task A_node_at_which_jobs_are_lost_is_dialled_again_at_once()
    {
        await using var platform = await StartAsync(nodes: 4);
        platform.Network.Behave = _ => new() { Failure = new ChainFailure(FailureCodes.Unreachable, "stage 1 is gone", 1) };
        string job = await platform.SubmitAsync();
        await Eventually.Holds(async () => (await platform.StateAsync(job)).Contains("not heard since", StringComparison.Ordinal), () => "the job does not wait", cancel: Cancel);
        var lost = platform.Network.Node(platform.Network.Assignments.Items.First(a => a.Stage == 1).Node);
        lost.Deaf = true;

        await HasStatusAsync(platform, lost, "unreached");
        lost.Deaf = false;
        await HasStatusAsync(platform, lost, "ready");
    }

    private static Task<Platform> StartAsync(int nodes) => Platform.StartAsync(nodes, chains: 1, o => o with { DefaultChains = 1 });

    private static async Task MoveAsync(Platform platform, FakeNode node, Uri? claimed, string status)
    {
        node.Claimed = claimed;
        await platform.Network.RegisterAsync(node);
        await HasStatusAsync(platform, node, status);
    }

    private static Task<JsonElement> ViewAsync(Platform platform, FakeNode node) => platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}");

    /// <summary>Waits while the node beats on, as real ones do: a dial that is not made when the node reports is made at its next heartbeat.</summary>
    private static Task HasStatusAsync(Platform platform, FakeNode node, string status) => Eventually.Holds(
        async () =>
        {
            await platform.Network.BeatAsync(node);
            return (await ViewAsync(platform, node)).GetProperty("status").GetString() == status;
        },
        () => $"the node is not {status}",
        cancel: Cancel);

    private static async Task<(HttpStatusCode Status, string Content)> PlaceAsync(Platform platform)
    {
        using var admin = platform.Client(Platform.AdminKey);
        using var placed = await admin.PostAsync($"/api/models/{platform.Model.Manifest.Name}/place", Platform.Json("""{"chains":1}"""), Cancel);
        return (placed.StatusCode, await placed.Content.ReadAsStringAsync(Cancel));
    }
}
