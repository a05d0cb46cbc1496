using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Local;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;

namespace Orchestrator.Integration.Tests;

/// <summary>One network of real processes, shared by the tests of a class: eight workers, two chains of four on the bundled model.</summary>
public class NetworkFixture : IAsyncLifetime
{
    public const int Stages = 4;
    public const int Chains = 2;
    public const long InitialCredit = 1_000_000_000;

    private readonly string folder = Directory.CreateTempSubdirectory("orchestrator-integration-").FullName;

    /// <summary>Gateways that the workers join through; 0 gives each a sidecar.</summary>
    protected virtual int Gateways => 0;

    /// <summary>Whether workers have a sidecar in spite of gateways, and go there for blobs only.</summary>
    protected virtual bool NodesByBroker => false;

    /// <summary>Chains that serve the model.</summary>
    protected virtual int ChainCount => Chains;

    public LocalNetwork Network { get; private set; } = null!;

    public ApiClient Client { get; private set; } = null!;

    public UncutModel Uncut { get; private set; } = null!;

    /// <summary>Variables for every process of the network.</summary>
    protected virtual ValueTask<IReadOnlyDictionary<string, string>> PrepareAsync() => new(new Dictionary<string, string>());

    /// <summary>Whether nodes are reached through a relay only.</summary>
    protected virtual bool Relay => false;

    public async ValueTask InitializeAsync()
    {
        var environment = await PrepareAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        Network = await LocalNetwork.StartAsync(
            new LocalNetworkOptions
            {
                Folder = Path.Combine(folder, "network"),
                Nodes = Stages * ChainCount,
                Chains = ChainCount,
                InitialCredit = InitialCredit,
                Environment = environment,
                Gateways = Gateways,
                NodesByBroker = NodesByBroker,
                Relay = Relay,
            },
            TimeProvider.System,
            limit.Token);
        Client = new ApiClient(new Connection(Network.Endpoint, Network.ApiKeyFile));
        string model = Path.Combine(folder, "model");
        await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
            BundledModel.Path, new ShardingOptions { Name = BundledModel.Name, Stages = Stages, OutputFolder = model, Verify = false }, limit.Token);
        var publisher = new ModelPublisher(Client, TimeProvider.System);
        await publisher.PublishAsync(ShardedModel.Load(model), _ => { }, limit.Token);
        await publisher.PlaceAsync(BundledModel.Name, ChainCount, Stages * ChainCount, limit.Token);
        await publisher.WaitReadyAsync(BundledModel.Name, ChainCount, limit.Token);
        Uncut = await UncutModel.LoadAsync(BundledModel.Path, limit.Token);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Uncut?.Dispose();
        Client?.Dispose();
        if (Network is not null)
            await Network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A chat request with the bundled model at temperature 0.</summary>
    public static JsonObject Chat(string question, int maxTokens)
    {
        var request = RunCommand.Request(BundledModel.Name, null, question);
        request["temperature"] = 0;
        request["max_completion_tokens"] = maxTokens;
        return request;
    }

    /// <summary>Every micro-credit there is: developer, hosts and protocol, available, held and in flight.</summary>
    public async Task<long> TotalMoneyAsync(CancellationToken cancel)
    {
        long total = 0;
        foreach (string account in Network.Plan.Nodes.Select(n => n.Host).Append("developer").Append("protocol"))
        {
            var books = await Client.GetAsync($"api/accounts/{account}", cancel);
            total += books["available"]!.GetValue<long>() + books["held"]!.GetValue<long>() + books["in_flight"]!.GetValue<long>();
        }

        return total;
    }

    /// <summary>Repeats a question to the network until the answer satisfies; a limit ends it with what was seen last.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<CancellationToken, Task<T>> read, Func<T, bool> satisfied)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        string last = "nothing yet";
        try
        {
            while (true)
            {
                try
                {
                    var value = await read(limit.Token);
                    if (satisfied(value))
                        return value;
                    last = $"{(value is JsonNode node ? node.ToJsonString() : value)}";
                }
                catch (Exception e) when (e is CliException or HttpRequestException or IOException)
                {
                    last = e.Message;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"{what} did not come true; last seen: {last}");
        }
    }
}
