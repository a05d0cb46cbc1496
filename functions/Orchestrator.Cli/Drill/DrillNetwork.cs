using Orchestrator.Drill.Workers;
using Orchestrator.Local;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>
/// A real local network, referee included, whose nodes cheat when they are told to: sidecar, control plane and workers as <c>up</c> starts them, except that every stage is
/// audited and that whoever is asked for something has minutes, not hours.
/// </summary>
public sealed class DrillNetwork : IAsyncDisposable
{
    /// <summary>Shards of the bundled model.</summary>
    public const int Stages = 2;

    private const int Chains = 2;

    private readonly Dictionary<int, List<LocalNode>> holders = [];

    private DrillNetwork(LocalNetwork network)
    {
        Processes = network;
        Client = new ApiClient(new Connection(network.Endpoint, network.ApiKeyFile));
    }

    /// <summary>The processes.</summary>
    public LocalNetwork Processes { get; }

    /// <summary>Its API.</summary>
    public ApiClient Client { get; }

    /// <summary>Starts it with the bundled model placed on all nodes.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="nodes">Worker processes, each a host.</param>
    /// <param name="cancel">Stops it.</param>
    /// <param name="audited">Whether stages are audited; if not, answers are left to who challenges them within the hour.</param>
    public static async Task<DrillNetwork> StartAsync(string folder, int nodes, CancellationToken cancel, bool audited = true)
    {
        string model = ModelFolder(folder);
        await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
            BundledModel.Path, new ShardingOptions { Name = BundledModel.Name, Stages = Stages, OutputFolder = model, Verify = false }, cancel);
        var options = new LocalNetworkOptions
        {
            Folder = Path.Combine(folder, "network"),
            Nodes = nodes,
            Chains = Chains,
            Referee = true,
            ChallengeWindow = audited ? TimeSpan.FromSeconds(1) : TimeSpan.FromHours(1),
            NodeAssembly = "Orchestrator.Drill.dll",
            Environment = Rules(audited),
        };
        var network = new DrillNetwork(await LocalNetwork.StartAsync(options, TimeProvider.System, cancel));
        try
        {
            var publisher = new ModelPublisher(network.Client, TimeProvider.System);
            await publisher.PublishAsync(ShardedModel.Load(model), _ => { }, cancel);
            await publisher.PlaceAsync(BundledModel.Name, nodes / Stages, nodes, cancel);
            await HostBonds.MakeAsync(network.Client, cancel);
            await publisher.WaitReadyAsync(BundledModel.Name, nodes / Stages, cancel);
            await network.ReadPlacesAsync(cancel);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where the shards of a network in this folder are.</summary>
    public static string ModelFolder(string folder) => Path.Combine(folder, "model");

    /// <summary>Nodes that hold a stage.</summary>
    public IReadOnlyList<LocalNode> HoldersOf(int stage) => holders[stage];

    /// <summary>Tells a node to cheat; null to stop.</summary>
    public static void Order(LocalNode node, string? cheat) => new CheatOrder(node.KeyFile).Give(cheat);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Processes.DisposeAsync();
    }

    private async Task ReadPlacesAsync(CancellationToken cancel)
    {
        var stages = (await Client.GetAsync($"api/models/{BundledModel.Name}", cancel))["stages"]!.AsArray();
        for (int stage = 0; stage < Stages; stage++)
        {
            var ids = stages[stage]!["nodes"]!.AsArray().Select(n => $"{n!["node"]}").ToHashSet();
            holders[stage] = [.. Processes.Plan.Nodes.Where(n => ids.Contains(n.Id.Value))];
        }
    }

    /// <summary>When audited, every stage is, and every audit is followed by one with a planted error. An honest node has two minutes for an answer: silence would cost it its stake.</summary>
    private static Dictionary<string, string> Rules(bool audited)
    {
        (string Name, string Value)[] rules =
        [
            ("EvidencePatience", "00:00:05"),
            ("ReportPatience", "00:01:00"),
            ("Policy__Floor", audited ? "1" : "0.000001"),
            ("Policy__SavingShare", audited ? "0.8" : "0"),
            ("Policy__PlantedShare", "1"),
            ("Policy__PlantedExactShare", "1"),
            ("Disputes__AnswerTime", "00:02:00"),
            ("Disputes__RefereeTime", "00:01:00"),
            ("Availability__Witnesses", "3"),
            ("Availability__Quorum", "2"),
            ("Availability__Rounds", "2"),
            ("Availability__Window", "00:00:10"),
        ];
        return rules.ToDictionary(r => $"ControlPlane__Audits__{r.Name}", r => r.Value);
    }
}
