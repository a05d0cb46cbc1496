using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Drill.Workers;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>Real workers of two execution classes, of which neither has hosts for two chains: redundant answers are compared within tolerance.</summary>
[Collection(nameof(OneAtATime))]
public sealed class MixedClassTests : IAsyncLifetime
{
    private DrilledNetwork? drilled;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DrillNetwork Network => drilled!.Network;

    private UncutModel Uncut => drilled!.Uncut;

    public async ValueTask InitializeAsync()
    {
        drilled = await DrilledNetwork.StartAsync(2 * DrillNetwork.Stages);
        for (int stage = 0; stage < DrillNetwork.Stages; stage++)
        {
            var node = Network.HoldersOf(stage)[1];
            CheatingWorker.ChangeClass(node.KeyFile);
            Network.Processes.Processes.Kill(node.Name);
        }
    }

    public ValueTask DisposeAsync() => drilled?.DisposeAsync() ?? ValueTask.CompletedTask;

    [Fact]
    public async Task Honest_chains_of_two_classes_agree_and_rounded_weights_lose_their_stake()
    {
        const string question = "Count from 3 to 20.";
        var quotes = await NetworkFixture.UntilAsync(
            "two chains of two classes", c => Network.Client.PostAsync("api/quotes", Request(question), c), q => $"{q["quotes"]![0]!["comparison"]}" == "tolerance");
        ((double)quotes["quotes"]![0]!["detection"]!).ShouldBe(.792, 1e-9);

        var honest = await EndAsync($"{(await Network.Client.PostAsync("api/jobs", Request(question), Cancel))["job"]}");

        $"{honest["status"]}".ShouldBe("completed", honest.ToJsonString());
        $"{honest["choices"]![0]!["text"]}".ShouldBe(Uncut.Answer(question, 48).Text);
        var assurance = honest["orchestrator"]!["assurance"]!;
        ($"{assurance["comparison"]}", $"{assurance["achieved"]}").ShouldBe(("tolerance", "redundant:2"), honest.ToJsonString());
        await ShouldHaveSlashedAsync(null);

        var cheater = Network.HoldersOf(0)[0];
        DrillNetwork.Order(cheater, CheatOrder.Int8Weights);
        string job = $"{(await Network.Client.PostAsync("api/jobs", Request(question), Cancel))["job"]}";
        await NetworkFixture.UntilAsync(
            "a slash", c => Network.Client.GetAsync($"api/nodes/{cheater.Id}", c), n => n["trust"]!["slashes"]!.AsArray().Count > 0);
        $"{(await Network.Client.GetAsync($"api/jobs/{job}", Cancel))["status"]}".ShouldNotBe("completed", "the only other node of the stage is in the other chain");
        await ShouldHaveSlashedAsync(cheater);
    }

    private async Task ShouldHaveSlashedAsync(LocalNode? cheater)
    {
        foreach (var node in Network.Processes.Plan.Workers)
        {
            var slashes = (await Network.Client.GetAsync($"api/nodes/{node.Id}", Cancel))["trust"]!["slashes"]!.AsArray();
            slashes.Select(s => $"{s!["fault"]}").ShouldBe(node == cheater ? ["wrong_result"] : [], node.Name);
        }
    }

    private Task<JsonNode> EndAsync(string job) =>
        NetworkFixture.UntilAsync("an end of the job", c => Network.Client.GetAsync($"api/jobs/{job}", c), j => $"{j["status"]}" is "completed" or "overturned" or "failed");

    private static JsonObject Request(string question)
    {
        var request = NetworkFixture.Chat(question, 48);
        request["orchestrator"] = new JsonObject { ["assurance"] = "redundant:2" };
        return request;
    }
}
