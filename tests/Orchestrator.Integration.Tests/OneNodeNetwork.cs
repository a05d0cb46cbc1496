using Orchestrator.Cli;
using Orchestrator.Cli.Tests;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>The smallest network of processes, with stake that is free after a second: windows and patience are milliseconds, as the rules demand then. Shared by the tests of a class.</summary>
public sealed class OneNodeNetwork : IAsyncLifetime
{
    private static readonly string[] Instants =
    [
        "EvidencePatience", "ReportPatience", "AuditorPatience", "Disputes__AnswerTime", "Disputes__RefereeTime", "Availability__Window",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-one-node-").FullName;

    public LocalNetwork Network { get; private set; } = null!;

    public ApiClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        var options = new LocalNetworkOptions
        {
            Folder = File("network"),
            Nodes = 1,
            Chains = 1,
            ChallengeWindow = TimeSpan.FromMilliseconds(1),
            Environment = Instants.ToDictionary(name => $"ControlPlane__Audits__{name}", _ => "00:00:00.001"),
        };
        string rules = new NetworkFolder(options.Folder).RulesFile;
        Directory.CreateDirectory(options.Folder);
        await System.IO.File.WriteAllTextAsync(rules, """{ "stakeRules": { "unbondingDelay": "00:00:01" } }""", limit.Token);
        Network = await LocalNetwork.StartAsync(options, TimeProvider.System, limit.Token);
        Client = new ApiClient(new Connection(Network.Endpoint, Network.ApiKeyFile));
        await NetworkFixture.UntilAsync("the node", Client.NodesAsync, nodes => nodes.Count == 1);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Network is not null)
            await Network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A path in the network's folder.</summary>
    public string File(string name) => Path.Combine(folder, name);

    /// <summary>Runs the command against the network, or against what stands before it.</summary>
    public Task<CommandLineRun> RunAsync(Uri? endpoint, params string[] args) =>
        CommandLineRun.Of([.. args, "--endpoint", $"{endpoint ?? Network.Endpoint}", "--key-file", Network.ApiKeyFile]);
}
