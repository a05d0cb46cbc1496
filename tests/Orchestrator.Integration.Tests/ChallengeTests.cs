using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Drill.Workers;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>A worker process that cheats where nobody audits: found by who replays the evidence of its stage with the command, and proven by the challenge that the command prints.</summary>
[Collection(nameof(OneAtATime))]
public sealed class ChallengeTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-challenge-test-").FullName;
    private DrillNetwork network = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        network = await DrillNetwork.StartAsync(folder, 6, limit.Token, audited: false);
    }

    public async ValueTask DisposeAsync()
    {
        if (network is not null)
            await network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_the_command_finds_the_command_proves()
    {
        var cheater = network.HoldersOf(1)[0];
        DrillNetwork.Order(cheater, CheatOrder.RandomOutput);
        string job = await AnsweredByAsync(cheater);
        // Of the same class, like all of this machine, and no part of the chain.
        var challenger = network.HoldersOf(1)[1];
        string evidence = Path.Combine(folder, "stage1.evidence");

        (int code, string said) = await RunAsync("receipts", "open", "--node", challenger.Id.Value);
        code.ShouldBe(0, said);
        said.ShouldContain(job);
        (code, said) = await RunAsync("receipts", "evidence", job, "--stage", "1", "--out", evidence);
        code.ShouldBe(0, said);
        (code, said) = await RunAsync("receipts", "replay", evidence, "--shards", DrillNetwork.ModelFolder(folder), "--node", challenger.Id.Value);
        code.ShouldBe(3, said);
        string printed = said.Split('\n').Select(l => l.Trim()).Single(l => l.StartsWith("orchestrator disputes open", StringComparison.Ordinal));
        (code, said) = await RunAsync("receipts", "replay", job, "--stage", "0", "--shards", DrillNetwork.ModelFolder(folder));
        code.ShouldBe(0, said);
        await network.Client.PostAsync($"api/accounts/{challenger.Host}/credit", new JsonObject { ["event_id"] = "for-a-challenge", ["amount"] = 10_000 }, Cancel);
        (code, said) = await RunAsync(printed.Split(' ')[1..]);
        code.ShouldBe(0, said);

        var ended = await NetworkFixture.UntilAsync("an end of the job", c => network.Client.GetAsync($"api/jobs/{job}", c), j => $"{j["status"]}" is "overturned" or "completed" or "failed");
        $"{ended["status"]}".ShouldBe("overturned", ended.ToJsonString());
        var dispute = await network.Client.GetAsync($"api/disputes/{said.Split('\n')[0].Trim()}", Cancel);
        ($"{dispute["challenger"]}", $"{dispute["outcome"]}", $"{dispute["loser"]}").ShouldBe((challenger.Id.Value, "overturned", cheater.Id.Value), dispute.ToJsonString());
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
                var view = await network.Client.GetAsync($"api/jobs/{job}", cancel);
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
        return $"{(await network.Client.PostAsync("api/jobs", request, cancel))["job"]}";
    }

    /// <summary>Runs the command against the network; what it printed: data, or why it failed.</summary>
    private async Task<(int Code, string Out)> RunAsync(params string[] args)
    {
        var (stdout, stderr) = (Console.Out, Console.Error);
        using StringWriter captured = new(), errors = new();
        try
        {
            Console.SetOut(captured);
            Console.SetError(errors);
            int code = await CommandLine.RunAsync([.. args, "--endpoint", network.Processes.Endpoint.ToString(), "--key-file", network.Processes.ApiKeyFile]);
            return (code, code is ExitCodes.Success or ExitCodes.Differs ? captured.ToString() : errors.ToString());
        }
        finally
        {
            Console.SetOut(stdout);
            Console.SetError(stderr);
        }
    }
}
