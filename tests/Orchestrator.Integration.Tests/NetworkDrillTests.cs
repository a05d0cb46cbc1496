using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Drill.Workers;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>Real processes that cheat: from the answer over audit, dispute and referee to the slash. <c>orchestrator drill --network</c> has the other cheats.</summary>
[Collection(nameof(OneAtATime))]
public sealed class NetworkDrillTests : IAsyncLifetime
{
    private const int Nodes = 6;

    private DrilledNetwork? drilled;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DrillNetwork Network => drilled!.Network;

    private UncutModel Uncut => drilled!.Uncut;

    public async ValueTask InitializeAsync() => drilled = await DrilledNetwork.StartAsync(Nodes);

    public ValueTask DisposeAsync() => drilled?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Workers_that_put_out_noise_or_draw_what_they_like_lose_their_stake_and_nobody_else_does()
    {
        var scenarios = NetworkScenario.All.Where(s => s is { Assurance: "optimistic", Cheat: NetworkScenario.Nobody or CheatOrder.RandomOutput } or { Cheat: CheatOrder.WrongSampling }).ToList();
        scenarios.Count.ShouldBe(3);

        var report = await new NetworkDrill(Network, Uncut, _ => { }).RunAsync(scenarios, Cancel);

        report.Ok.ShouldBeTrue($"{report} {string.Join('\n', report.Rows)} {string.Join('\n', report.Rows.SelectMany(r => r.Problems).Concat(report.Problems))}");
        foreach (var row in report.Rows.Skip(1))
            row.ShouldSatisfyAllConditions(r => r.Fault.ShouldBe("wrong_result"), r => r.Overturned.ShouldBe(1), r => r.Evidence.ShouldBePositive(), r => r.Proof.ShouldBe("judged"));
    }

    [Fact]
    public async Task A_dispute_outlives_a_control_plane_that_is_killed_in_it()
    {
        var cheater = Network.HoldersOf(0)[0];
        DrillNetwork.Order(cheater, CheatOrder.Int8Weights);
        string job = await UntilDisputedAsync();

        Network.Processes.Processes.Kill(LocalNetwork.ControlPlaneName);

        var ended = await NetworkFixture.UntilAsync("an end of the job", c => Network.Client.GetAsync($"api/jobs/{job}", c), j => $"{j["status"]}" is "overturned" or "completed" or "failed");
        $"{ended["status"]}".ShouldBe("overturned", ended.ToJsonString());
        var dispute = (await DisputesAsync(Cancel)).ShouldHaveSingleItem()!;
        ($"{dispute["outcome"]}", $"{dispute["ground"]}", $"{dispute["loser"]}").ShouldBe(("overturned", "judged", cheater.Id.Value), dispute.ToJsonString());
        ((long)dispute["agreed_steps"]!).ShouldBePositive("weights are rounded in every operator that has some, and the first of them is not the first step");
        foreach (var node in Network.Processes.Plan.Workers)
        {
            var slashes = (await Network.Client.GetAsync($"api/nodes/{node.Id}", Cancel))["trust"]!["slashes"]!.AsArray();
            slashes.Select(s => $"{s!["fault"]}").ShouldBe(node == cheater ? ["wrong_result"] : [], node.Name);
        }
    }

    /// <summary>Asks until the cheater has had a part in a job and an auditor disputes it; that job.</summary>
    private Task<string> UntilDisputedAsync()
    {
        string? job = null;
        return NetworkFixture.UntilAsync(
            "a dispute",
            async cancel =>
            {
                if ((await DisputesAsync(cancel)).FirstOrDefault() is { } dispute)
                    return $"{dispute["job"]}";
                if (job is null || $"{(await Network.Client.GetAsync($"api/jobs/{job}", cancel))["status"]}" == "completed")
                    job = await SubmitAsync(cancel);
                return "";
            },
            disputed => disputed.Length > 0);
    }

    private async Task<string> SubmitAsync(CancellationToken cancel)
    {
        var request = NetworkFixture.Chat("Count from 3 to 20.", 48);
        request["orchestrator"] = new JsonObject { ["assurance"] = "sampled" };
        return $"{(await Network.Client.PostAsync("api/jobs", request, cancel))["job"]}";
    }

    private async Task<JsonArray> DisputesAsync(CancellationToken cancel) => (await Network.Client.GetAsync("api/disputes", cancel))["disputes"]!.AsArray();
}
