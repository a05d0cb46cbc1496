using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Drill.Workers;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>Real workers of two execution classes, of which neither has hosts for two chains: redundant answers are compared within tolerance.</summary>
[Collection(nameof(OneAtATime))]
public sealed class MixedClassTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-mixed-test-").FullName;
    private DrillNetwork network = null!;
    private UncutModel uncut = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        network = await DrillNetwork.StartAsync(folder, 2 * DrillNetwork.Stages, limit.Token);
        uncut = await UncutModel.LoadAsync(BundledModel.Path, limit.Token);
        for (int stage = 0; stage < DrillNetwork.Stages; stage++)
        {
            var node = network.HoldersOf(stage)[1];
            CheatingWorker.ChangeClass(node.KeyFile);
            network.Processes.Processes.Kill(node.Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        uncut?.Dispose();
        if (network is not null)
            await network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Honest_chains_of_two_classes_agree_and_rounded_weights_lose_their_stake()
    {
        const string question = "Count from 3 to 20.";
        var quotes = await NetworkFixture.UntilAsync(
            "two chains of two classes", c => network.Client.PostAsync("api/quotes", Request(question), c), q => $"{q["quotes"]![0]!["comparison"]}" == "tolerance");
        ((double)quotes["quotes"]![0]!["detection"]!).ShouldBe(.792, 1e-9);

        var honest = await EndAsync($"{(await network.Client.PostAsync("api/jobs", Request(question), Cancel))["job"]}");

        $"{honest["status"]}".ShouldBe("completed", honest.ToJsonString());
        $"{honest["choices"]![0]!["text"]}".ShouldBe(uncut.Answer(question, 48).Text);
        var assurance = honest["orchestrator"]!["assurance"]!;
        ($"{assurance["comparison"]}", $"{assurance["achieved"]}").ShouldBe(("tolerance", "redundant:2"), honest.ToJsonString());
        await ShouldHaveSlashedAsync(null);

        var cheater = network.HoldersOf(0)[0];
        DrillNetwork.Order(cheater, CheatOrder.Int8Weights);
        string job = $"{(await network.Client.PostAsync("api/jobs", Request(question), Cancel))["job"]}";
        await NetworkFixture.UntilAsync(
            "a slash", c => network.Client.GetAsync($"api/nodes/{cheater.Id}", c), n => n["trust"]!["slashes"]!.AsArray().Count > 0);
        $"{(await network.Client.GetAsync($"api/jobs/{job}", Cancel))["status"]}".ShouldNotBe("completed", "the only other node of the stage is in the other chain");
        await ShouldHaveSlashedAsync(cheater);
    }

    private async Task ShouldHaveSlashedAsync(LocalNode? cheater)
    {
        foreach (var node in network.Processes.Plan.Workers)
        {
            var slashes = (await network.Client.GetAsync($"api/nodes/{node.Id}", Cancel))["trust"]!["slashes"]!.AsArray();
            slashes.Select(s => $"{s!["fault"]}").ShouldBe(node == cheater ? ["wrong_result"] : [], node.Name);
        }
    }

    private Task<JsonNode> EndAsync(string job) =>
        NetworkFixture.UntilAsync("an end of the job", c => network.Client.GetAsync($"api/jobs/{job}", c), j => $"{j["status"]}" is "completed" or "overturned" or "failed");

    private static JsonObject Request(string question)
    {
        var request = NetworkFixture.Chat(question, 48);
        request["orchestrator"] = new JsonObject { ["assurance"] = "redundant:2" };
        return request;
    }
}
