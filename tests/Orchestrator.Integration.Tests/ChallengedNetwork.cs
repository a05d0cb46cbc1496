using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Cli.Tests;
using Orchestrator.Drill.Workers;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>Six worker processes whose answers nobody audits, and a way to prove one of them a cheat. Shared by the tests of a class.</summary>
public sealed class ChallengedNetwork : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-challenge-test-").FullName;
    private readonly Lazy<Task<Conviction>> convicted;

    public ChallengedNetwork() => convicted = new(ConvictAsync);

    public DrillNetwork Network { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        Network = await DrillNetwork.StartAsync(folder, 6, limit.Token, audited: false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Network is not null)
            await Network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A path in the network's folder.</summary>
    public string File(string name) => Path.Combine(folder, name);

    /// <summary>Runs the command against the network.</summary>
    public Task<CommandLineRun> RunAsync(params string[] args) =>
        CommandLineRun.Of([.. args, "--endpoint", Network.Processes.Endpoint.ToString(), "--key-file", Network.Processes.ApiKeyFile]);

    /// <summary>Runs the command, which must succeed, and reads the JSON it prints.</summary>
    public async Task<JsonNode> ReadAsync(params string[] args)
    {
        var run = await RunAsync([.. args, "-o", "json"]);
        run.ExitCode.ShouldBe(0, run.Err);
        return JsonNode.Parse(run.Out)!;
    }

    /// <summary>Pays micro-credits to a node's host, once per name.</summary>
    public Task FundAsync(LocalNode node, string name, long amount) =>
        Network.Client.PostAsync($"api/accounts/{node.Host}/credit", new JsonObject { ["event_id"] = name, ["amount"] = amount }, Cancel);

    /// <summary>The one worker that was proven wrong, the same for all tests: by who replays the evidence of its stage and runs the command that is printed then.</summary>
    public Task<Conviction> ConvictedAsync() => convicted.Value;

    private async Task<Conviction> ConvictAsync()
    {
        var cheater = Network.HoldersOf(1)[0];
        DrillNetwork.Order(cheater, CheatOrder.RandomOutput);
        string job = await AnsweredByAsync(cheater);
        // Of the same class, like all of this machine, and no part of the chain.
        var challenger = Network.HoldersOf(1)[1];
        string evidence = File("stage1.evidence"), shards = DrillNetwork.ModelFolder(folder);

        (await ShouldEndAsync(0, "receipts", "open", "--node", challenger.Id.Value)).ShouldContain(job);
        await ShouldEndAsync(0, "receipts", "evidence", job, "--stage", "1", "--out", evidence);
        string said = await ShouldEndAsync(3, "receipts", "replay", evidence, "--shards", shards, "--node", challenger.Id.Value);
        string printed = said.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith("orchestrator disputes open", StringComparison.Ordinal));
        await ShouldEndAsync(0, "receipts", "replay", job, "--stage", "0", "--shards", shards);
        await FundAsync(challenger, "for-a-challenge", 10_000);
        string dispute = (await ShouldEndAsync(0, printed.Split(' ')[1..])).Trim();
        var ended = await NetworkFixture.UntilAsync("an end of the job", c => Network.Client.GetAsync($"api/jobs/{job}", c), j => $"{j["status"]}" is "overturned" or "completed" or "failed");
        $"{ended["status"]}".ShouldBe("overturned", ended.ToJsonString());
        return new Conviction(job, dispute, cheater, challenger);
    }

    private async Task<string> ShouldEndAsync(int code, params string[] args)
    {
        var run = await RunAsync(args);
        run.ExitCode.ShouldBe(code, run.Err + run.Out);
        return run.Out;
    }

    /// <summary>Asks until the node has had a part in a provisional answer.</summary>
    private async Task<string> AnsweredByAsync(LocalNode node)
    {
        string? job = null;
        return await NetworkFixture.UntilAsync(
            "an answer of the cheater",
            async cancel =>
            {
                job ??= await SubmitAsync(cancel);
                var view = await Network.Client.GetAsync($"api/jobs/{job}", cancel);
                if ($"{view["status"]}" is not ("provisional" or "failed"))
                    return "";
                bool took = $"{view["status"]}" == "provisional" && view["chains"]!.AsArray().Any(c => c!["nodes"]!.AsArray().Any(n => $"{n}" == node.Id.Value));
                string found = took ? job : "";
                job = null;
                return found;
            },
            found => found.Length > 0);
    }

    private async Task<string> SubmitAsync(CancellationToken cancel)
    {
        var request = NetworkFixture.Chat("Count from 3 to 20.", 24);
        request["orchestrator"] = new JsonObject { ["assurance"] = "optimistic", ["evidence"] = "public" };
        return $"{(await Network.Client.PostAsync("api/jobs", request, cancel))["job"]}";
    }
}

/// <summary>A node that was proven wrong.</summary>
/// <param name="Job">The job whose answer was overturned.</param>
/// <param name="Dispute">The dispute that decided it.</param>
/// <param name="Cheater">Who lost.</param>
/// <param name="Challenger">Who won.</param>
public sealed record Conviction(string Job, string Dispute, LocalNode Cheater, LocalNode Challenger);
