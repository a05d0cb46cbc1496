using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A node that drains or is lost leaves its chains within one heartbeat, and no job that streams meanwhile is lost or answered otherwise.</summary>
public sealed class LeavingNodeTests
{
    private const int Jobs = 4;
    private const int TokensBefore = 5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task No_chain_is_planned_with_a_node_after_its_heartbeat_said_that_it_drains_and_what_runs_ends_where_it_is(int stage)
    {
        using var clock = new RunningClock();
        await using var platform = await Platform.StartAsync(time: clock);
        var streaming = await StreamingAsync(platform);
        var node = platform.Network.Node(platform.Network.Sessions.Items[0].Assignment.Hops[stage].Node);
        // From here on nothing can be noticed because time passed.
        clock.Hold();
        await CachedAsync(platform, fresh: true);

        node.Draining = true;
        await platform.Network.BeatAsync(node);
        await Eventually.Holds(
            async () => (await CachedAsync(platform, fresh: false)).Nodes.Single(n => n.Record.Node == node.Id).Heartbeat!.Draining, () => "chains are still planned with the node");
        for (int job = 0; job < 2 * Jobs; job++)
            (await StreamAsync(platform, $"later {job}")).ShouldBe($"You said: later {job}.");

        platform.Network.Assignments.Items.Where(a => !streaming.Ids.Contains(a.Job)).SelectMany(a => a.Hops).ShouldNotContain(h => h.Node == node.Id);
        clock.Run();
        await ShouldEndAsync(streaming);
        platform.Network.Assignments.Items.ShouldAllBe(a => a.Attempt == 0);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Jobs_that_meet_a_draining_node_before_its_heartbeat_go_to_others()
    {
        await using var platform = await Platform.StartAsync();
        var node = platform.Network.Nodes.First(n => n.Shards.Any(s => s.Stage == 1));
        node.Draining = true;

        int job = 0;
        do
        {
            (await StreamAsync(platform, $"job {job}")).ShouldBe($"You said: job {job}.");
            job++;
        }
        while (!platform.Network.Assignments.Items.Any(a => a.Node == node.Id));

        platform.Network.Assignments.Items.ShouldContain(a => a.Attempt == 1);
        await platform.ShouldBalanceAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Jobs_that_stream_through_a_node_that_is_lost_move_and_none_comes_to_it_after_the_heartbeats_of_the_others(int stage)
    {
        using var clock = new RunningClock();
        await using var platform = await Platform.StartAsync(time: clock);
        var streaming = await StreamingAsync(platform);
        var node = platform.Network.Node(platform.Network.Sessions.Items[0].Assignment.Hops[stage].Node);

        node.Lost = true;
        await ShouldEndAsync(streaming);
        clock.Hold();
        await platform.Network.BeatAsync();
        for (int job = 0; job < 2 * Jobs; job++)
            (await StreamAsync(platform, $"later {job}")).ShouldBe($"You said: later {job}.");

        platform.Network.Assignments.Items.Where(a => !streaming.Ids.Contains(a.Job)).SelectMany(a => a.Hops).ShouldNotContain(h => h.Node == node.Id);
        var met = platform.Network.Assignments.Items.Where(a => streaming.Ids.Contains(a.Job)).ToLookup(a => (a.Job, a.Chain));
        foreach (var chain in met)
            chain.Max(a => a.Attempt).ShouldBe(chain.Any(a => a.Attempt == 0 && a.Hops.Any(h => h.Node == node.Id)) ? 1 : 0);
        await platform.ShouldBalanceAsync();
    }

    /// <summary>Jobs whose chains have all streamed the first tokens and wait.</summary>
    private static async Task<Streaming> StreamingAsync(Platform platform)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        platform.Network.Behave = _ => new Script { Pause = (TokensBefore, gate.Task) };
        var answers = Enumerable.Range(0, Jobs).Select(i => StreamAsync(platform, $"job {i}")).ToList();
        var sessions = await platform.Network.Sessions.WhenAsync(all => all.Count == 2 * Jobs, "two chains of every job", Cancel);
        foreach (var session in sessions)
            await Eventually.Ends(session.Paused.Task, () => "a chain does not come to its pause");
        platform.Network.Behave = _ => Script.Honest;
        return new(gate, answers, sessions.Select(s => s.Assignment.Job).ToHashSet());
    }

    private static async Task ShouldEndAsync(Streaming streaming)
    {
        streaming.Gate.SetResult();
        for (int job = 0; job < Jobs; job++)
            (await Eventually.Gets(streaming.Answers[job], () => "a job is lost")).ShouldBe($"You said: job {job}.");
    }

    private static async Task<ModelState> CachedAsync(Platform platform, bool fresh)
    {
        var topology = platform.Services.GetRequiredService<TopologyCache>();
        string model = platform.Model.Manifest.Name;
        return (fresh ? await topology.FreshModelAsync(model, Cancel) : await topology.ModelAsync(model, Cancel)).ShouldNotBeNull();
    }

    /// <summary>The whole text of a streamed answer that ended as it should.</summary>
    private static async Task<string> StreamAsync(Platform platform, string question)
    {
        using var client = platform.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = Platform.Json(JsonSerializer.Serialize(new
            {
                model = platform.Model.Manifest.Name,
                messages = new[] { new { role = "user", content = question } },
                stream = true,
                max_tokens = 100,
            })),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = new StringBuilder();
        string body = await response.Content.ReadAsStringAsync(Cancel);
        body.ShouldEndWith("data: [DONE]\n\n");
        foreach (string line in body.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal)))
        {
            var data = JsonDocument.Parse(line["data: ".Length..]).RootElement;
            data.TryGetProperty("error", out _).ShouldBeFalse(line);
            foreach (var choice in data.GetProperty("choices").EnumerateArray())
            {
                if (choice.GetProperty("delta").TryGetProperty("content", out var content))
                    text.Append(content.GetString());
            }
        }

        return text.ToString();
    }

    private sealed record Streaming(TaskCompletionSource Gate, IReadOnlyList<Task<string>> Answers, IReadOnlySet<JobId> Ids);
}
