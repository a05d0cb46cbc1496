using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>The network of <see cref="NetworkFixture"/>, whose workers have no sidecar and dial one of two gateways.</summary>
public sealed class GatewayFixture : NetworkFixture
{
    protected override int Gateways => 2;
}

/// <summary>Workers that join from outside, as real processes, and what becomes of a job when one end or the other dies.</summary>
[Collection(nameof(OneAtATime))]
public sealed class GatewayTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Question = "Count from 3 to 20.";
    private const int MaxTokens = 96;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_that_know_nothing_but_a_gateway_answer_as_the_uncut_model()
    {
        var apps = JsonNode.Parse(await File.ReadAllTextAsync(fixture.Network.Plan.Folder.Configuration(LocalNetwork.SidecarName), Cancel))!["apps"]!.AsArray();
        apps.Select(a => $"{a!["appId"]}").ShouldBe([LocalNetwork.ControlPlaneName, LocalGateway.AppId]);
        var worker = JsonNode.Parse(await File.ReadAllTextAsync(fixture.Network.Plan.Folder.Configuration("node-1"), Cancel))!["Worker"]!;
        worker["BlobFolder"].ShouldBeNull();

        var stream = await ChatStream.RunAsync(fixture.Client, NetworkFixture.Chat(Question, MaxTokens), _ => { }, Cancel);

        stream.Text.ShouldBe(fixture.Uncut.Answer(Question, MaxTokens).Text);
    }

    [Theory]
    [InlineData("gateway-1")]
    [InlineData("gateway-2")]
    public Task A_killed_gateway_loses_no_job(string gateway) => AnswerAsync(NetworkFixture.Chat(Question, MaxTokens), _ => gateway);

    [Fact]
    public Task A_killed_worker_leaves_its_chain_and_the_job_goes_on()
    {
        // One chain of four, so that the other four nodes are spares.
        var request = NetworkFixture.Chat(Question, MaxTokens);
        request["orchestrator"] = new JsonObject { ["chains"] = 1 };
        return AnswerAsync(request, jobs =>
        {
            // Newest first: a quick machine may have finished the job by now, and then a worker that has just served it is killed.
            string middle = $"{jobs["jobs"]!.AsArray()[0]!["chains"]![0]!["nodes"]![1]}";
            return fixture.Network.Plan.Nodes.Single(n => n.Id.Value == middle).Name;
        });
    }

    /// <summary>Asks, kills a process when the first text comes, and still gets the right answer.</summary>
    private async Task AnswerAsync(JsonObject request, Func<JsonNode, string> pick)
    {
        string expected = fixture.Uncut.Answer(Question, MaxTokens).Text;
        string? process = null;
        int before = 0;
        var killedAt = DateTimeOffset.MaxValue;
        Task killed = Task.CompletedTask;

        var stream = await ChatStream.RunAsync(
            fixture.Client,
            request,
            _ =>
            {
                if (process is not null)
                    return;
                process = "";
                killed = KillAsync();
            },
            Cancel);
        await killed;

        process.ShouldNotBeNullOrEmpty();
        stream.Text.ShouldBe(expected);
        await NetworkFixture.UntilAsync($"a new {process}", _ => Task.FromResult(fixture.Network.Processes.Running[process]), pid => pid != before);
        // Two nodes hold each stage and two chains want both: the next test needs this one again.
        if (fixture.Network.Plan.Nodes.FirstOrDefault(n => n.Name == process) is { } worker)
            await NetworkFixture.UntilAsync(
                $"{process} ready again",
                cancel => fixture.Client.GetAsync($"api/nodes/{worker.Id}", cancel),
                node => node["last_seen"]!.GetValue<DateTimeOffset>() > killedAt && node["shards"]!.AsArray() is { Count: > 0 } shards && shards.All(s => $"{s!["state"]}" == "ready"));
        await new ModelPublisher(fixture.Client, TimeProvider.System).WaitReadyAsync(BundledModel.Name, NetworkFixture.Chains, Cancel);
        await NetworkFixture.UntilAsync(
            "every job completed",
            cancel => fixture.Client.GetAsync("api/jobs", cancel),
            list => list["jobs"]!.AsArray().All(job => $"{job!["status"]}" is "completed"));
        await NetworkFixture.UntilAsync("conserved money", fixture.TotalMoneyAsync, total => total == NetworkFixture.InitialCredit);

        async Task KillAsync()
        {
            process = pick(await fixture.Client.GetAsync("api/jobs", Cancel));
            before = fixture.Network.Processes.Running[process];
            fixture.Network.Processes.Kill(process);
            killedAt = TimeProvider.System.GetUtcNow();
        }
    }
}
