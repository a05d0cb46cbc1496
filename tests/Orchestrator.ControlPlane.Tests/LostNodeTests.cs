using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Nodes;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A node that one job has lost costs no other job an attempt, until it is heard again.</summary>
public sealed class LostNodeTests
{
    private const int Stage = 2;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Jobs_go_round_a_node_that_another_lost_until_its_next_heartbeat()
    {
        // Three nodes hold each stage and two chains are wanted: without memory every other job would meet the lost one.
        await using var platform = await Platform.StartAsync();
        platform.Network.Behave = a => a is { Chain: 0, Attempt: 0 } ? new Script { Failure = new ChainFailure(FailureCodes.Internal, "stage 2 is gone", Stage) } : Script.Honest;
        await AskAsync(platform);
        var first = platform.Network.Assignments.Items.First(a => a is { Chain: 0, Attempt: 0, Stage: Stage });
        var lost = first.Node;
        platform.Network.Behave = _ => Script.Honest;

        for (int job = 0; job < 8; job++)
            await AskAsync(platform);

        platform.Network.Assignments.Items.ShouldNotContain(a => a.Job != first.Job && a.Node == lost);
        await platform.Network.BeatAsync(platform.Network.Node(lost));
        await NetworkAsksAgainAsync(platform, lost);
    }

    [Fact]
    public void A_suspect_is_cleared_by_what_is_heard_later_only()
    {
        var time = new FakeTimeProvider();
        var suspects = new Suspects();
        var node = State(1, time.GetUtcNow());
        time.Advance(TimeSpan.FromSeconds(1));

        suspects.Add([node.Record.Node], time.GetUtcNow());

        suspects.Among([node, State(2, time.GetUtcNow())]).ShouldBe([node.Record.Node]);
        suspects.Among([node with { LastSeen = time.GetUtcNow() }]).ShouldBe([node.Record.Node]);
        suspects.Among([node with { LastSeen = time.GetUtcNow().AddMilliseconds(1) }]).ShouldBeEmpty();
        suspects.Among([node]).ShouldBeEmpty();
    }

    private static NodeState State(int number, DateTimeOffset seen) =>
        new(new FakeNode(number, $"host-{number}", Some.Key(number)).Record(new Uri("https://127.0.0.1"), Some.Digest(), seen), null, seen, 0, 0);

    private static async Task NetworkAsksAgainAsync(Platform platform, NodeId node)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (platform.Network.Assignments.Items.Last(a => a.Node == node).Attempt != 0 || platform.Network.Assignments.Items.Count(a => a.Node == node) < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            await AskAsync(platform);
        }
    }

    private static async Task AskAsync(Platform platform)
    {
        using var client = platform.Client();
        using var response = await client.PostAsync("/v1/chat/completions", Platform.Json(JsonSerializer.Serialize(new
        {
            model = platform.Model.Manifest.Name,
            messages = new[] { new { role = "user", content = "who is there" } },
            max_tokens = 100,
        })), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
    }
}
