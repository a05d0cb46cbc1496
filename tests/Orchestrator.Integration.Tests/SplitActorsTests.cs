using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>The actors in a process and Dapr app of their own, as on Kubernetes: the control plane reaches them through the sidecar only.</summary>
[Collection(nameof(OneAtATime))]
public sealed class SplitActorsTests : IDisposable
{
    private const long InitialCredit = 5_000;

    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-split-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_control_plane_works_with_actors_elsewhere_and_goes_on_when_they_come_back()
    {
        await using var network = await StartAsync();
        using var client = new ApiClient(new Connection(network.Endpoint, network.ApiKeyFile));
        (await ReadinessAsync(network, status => status == "ok")).ShouldBe("ok");
        (await CreditAsync(client)).ShouldBe(InitialCredit);
        int before = network.Processes.Running[LocalNetwork.ActorsName];

        network.Processes.Kill(LocalNetwork.ActorsName);

        await NetworkFixture.UntilAsync("a new actor host", _ => Task.FromResult(network.Processes.Running[LocalNetwork.ActorsName]), pid => pid != before);
        (await NetworkFixture.UntilAsync("the account again", _ => CreditAsync(client), credit => credit == InitialCredit)).ShouldBe(InitialCredit);
        var nodes = await NetworkFixture.UntilAsync("the node", cancel => client.GetAsync("api/nodes", cancel), list => list["nodes"]!.AsArray().Count == 1);
        nodes["nodes"]![0]!["host"]!.ToString().ShouldBe("host-1");
    }

    [Fact]
    public async Task The_control_plane_is_not_ready_while_actors_obey_other_rules()
    {
        await using var network = await StartAsync();
        (await ReadinessAsync(network, status => status == "ok")).ShouldBe("ok");

        // Only the actor host starts again, so only it reads the changed file.
        await File.WriteAllTextAsync(network.Plan.Folder.RulesFile, """{ "stakeRules": { "unbondingDelay": "20.00:00:00" } }""", Cancel);
        network.Processes.Kill(LocalNetwork.ActorsName);

        (await ReadinessAsync(network, status => status.Contains("rules"))).ShouldContain("give both the same rules file");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<LocalNetwork> StartAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var options = new LocalNetworkOptions { Folder = Path.Combine(folder, "network"), Nodes = 1, Chains = 1, InitialCredit = InitialCredit, SplitActors = true };
        return await LocalNetwork.StartAsync(options, TimeProvider.System, limit.Token);
    }

    private static async Task<long> CreditAsync(ApiClient client) =>
        (await client.GetAsync("api/accounts/developer", Cancel))["available"]!.GetValue<long>();

    private static Task<string> ReadinessAsync(LocalNetwork network, Func<string, bool> expected) => NetworkFixture.UntilAsync(
        "readiness",
        async cancel =>
        {
            using var http = new HttpClient { BaseAddress = network.Endpoint };
            using var answer = await http.GetAsync("readyz", cancel);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancel))!["status"]!.ToString();
        },
        expected);
}
