using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What jobs do to the scores of the nodes that served them.</summary>
public sealed class ReputationTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private Platform Platform => shared.Platform;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stage_that_differs_on_equal_inputs_is_wrong_and_its_neighbours_are_not()
    {
        string job = await AskAsync(Platform, a => a.Chain == 1 ? new Script { Falsifies = stage => stage == 2 } : Script.Honest);

        var chains = (await Platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("chains").EnumerateArray()
            .ToDictionary(c => c.GetProperty("chain").GetInt32(), c => c.GetProperty("nodes").EnumerateArray().Select(n => n.GetString()!).ToList());
        chains.Keys.Order().ShouldBe([0, 1, 2]);
        foreach (var (chain, nodes) in chains)
        {
            for (int stage = 0; stage < nodes.Count; stage++)
            {
                var score = (await Platform.GetAsync<JsonElement>($"/api/nodes/{nodes[stage]}")).GetProperty("trust").GetProperty("correctness");
                // What was seen fades with the seconds that the test itself takes, hence the tolerance: half of .001 in 30 days.
                bool liar = chain == 1 && stage == 2;
                score.GetProperty("score").GetDouble().ShouldBe(liar ? 999.0 / 1000 : 1, 1e-6, $"chain {chain}, stage {stage}");
                score.GetProperty("observations").GetInt64().ShouldBe(chain != 1 || liar ? 1 : 0, $"chain {chain}, stage {stage}");
            }
        }
    }

    [Fact]
    public async Task Many_jobs_that_meet_one_outage_do_not_bar_the_node()
    {
        await using var platform = await Platform.StartAsync();
        await AskAsync(platform, _ => Script.Honest);
        var away = platform.Network.Assignments.Items[0].Hops[0].Node;
        int met = 0;
        for (int i = 0; i < 300 && Volatile.Read(ref met) < 15; i++)
        {
            // Jobs go round a node that another has lost until it is heard again.
            await platform.Network.BeatAsync(platform.Network.Node(away));
            await AskAsync(platform, a =>
            {
                if (a.Hops[0].Node != away)
                    return Script.Honest;
                Interlocked.Increment(ref met);
                return new Script { Failure = new ChainFailure(FailureCodes.Unreachable, "The link broke.", 0) };
            });
        }

        met.ShouldBeGreaterThanOrEqualTo(15);
        var presence = (await platform.GetAsync<JsonElement>($"/api/nodes/{away}")).GetProperty("trust").GetProperty("presence");
        presence.GetProperty("score").GetDouble().ShouldBeInRange(.85, .96);
    }

    private static async Task<string> AskAsync(Platform platform, Func<Assignment, Script> behave)
    {
        platform.Network.Behave = behave;
        using var client = platform.Client();
        using var response = await client.PostAsync(
            "/v1/chat/completions", Platform.Json($$"""{"model":"{{platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"who differs"}],"max_tokens":30}"""), Cancel);
        string body = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        string job = JsonDocument.Parse(body).RootElement.GetProperty("orchestrator").GetProperty("job").GetString()!;
        await platform.Workflows.WaitForCompletionAsync(job, Cancel);
        return job;
    }
}
