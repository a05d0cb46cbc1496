using Orchestrator.Benchmarks.Models;
using Orchestrator.Cli;
using Orchestrator.Local;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Chains;

/// <summary>A local network of real processes that serves one model, one stage and one thread per worker.</summary>
internal sealed class ModelNetwork : IAsyncDisposable
{
    private const long Credit = 1_000_000_000_000;

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-benchmark-network-");
    private LocalNetwork? network;

    private ModelNetwork(string model) => Model = model;

    /// <summary>The name the model is served under.</summary>
    internal string Model { get; }

    /// <summary>The network's HTTP API.</summary>
    internal ApiClient Client { get; private set; } = null!;

    /// <summary>Starts processes, publishes and places the model, and returns when all its stages are ready.</summary>
    internal static async Task<ModelNetwork> StartAsync(
        BenchmarkModel model, int chains, CancellationToken cancel, bool relay = false, string worker = LocalNetworkOptions.WorkerAssembly)
    {
        var started = new ModelNetwork(model.Manifest.Name);
        try
        {
            await started.StartAsync(model.Folder, model.Manifest.Stages.Count, chains, relay, worker, cancel);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    /// <summary>The first chain, told directly instead of through the control plane; its hops through the network's relay if so wished.</summary>
    internal async Task<ChainPlatform> DirectAsync(BenchmarkModel model, CancellationToken cancel, bool relayed = false)
    {
        var view = await Client.GetAsync($"api/models/{Model}", cancel);
        var seats = new List<ChainSeat>();
        foreach (var stage in view["stages"]!.AsArray())
        {
            string ready = stage!["nodes"]!.AsArray().First(node => node!["state"]!.GetValue<string>() == "ready")!["node"]!.GetValue<string>();
            seats.Add(await ChainSeat.OfAsync(network!.Plan.Nodes.First(node => node.Id.Value == ready), cancel));
        }

        return new ChainPlatform(SigningKey.LoadOrCreate(network!.Plan.Folder.PlatformKeyFile), model.Manifest, model.Shards.ManifestDigest, seats, relayed ? network.Plan.Relay : null);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (network is not null)
            await network.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private async Task StartAsync(string shards, int stages, int chains, bool relay, string worker, CancellationToken cancel)
    {
        network = await LocalNetwork.StartAsync(
            new LocalNetworkOptions { Folder = folder.FullName, Nodes = stages * chains, Chains = chains, InitialCredit = Credit, Relay = relay, NodeAssembly = worker }, TimeProvider.System, cancel);
        Client = new ApiClient(new Connection(network.Endpoint, network.ApiKeyFile));
        var publisher = new ModelPublisher(Client, TimeProvider.System);
        await publisher.PublishAsync(ShardedModel.Load(shards), _ => { }, cancel);
        await publisher.PlaceAsync(Model, chains, stages * chains, cancel);
        await publisher.WaitReadyAsync(Model, chains, cancel);
    }
}
