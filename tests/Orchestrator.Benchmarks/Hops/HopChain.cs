using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Benchmarks.Hops;

/// <summary>Worker hosts in this process on a model that costs nothing: what is left is links, queues, frames, commitments and threads.</summary>
internal sealed class HopChain : IAsyncDisposable
{
    private const int PromptTokens = 16;
    private const int PollMilliseconds = 20;
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(2);

    private static readonly IConfiguration Quiet =
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Logging:LogLevel:Default", (string?)"Warning")]).Build();

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-benchmark-hops-");
    private readonly List<WorkerHost> hosts = [];
    private readonly HopBus bus = new();
    private readonly FakeModel model;
    private readonly FakeStageLoader loader;
    private readonly int tokens;
    private ChainPlatform? platform;

    private HopChain(int stages, int tokens)
    {
        this.tokens = tokens;
        model = new FakeModel(layers: stages, stages: stages, context: PromptTokens + tokens);
        loader = new FakeStageLoader(model);
    }

    private int Stages => model.Manifest.Stages.Count;

    /// <summary>Starts hosts that each hold one stage.</summary>
    internal static async Task<HopChain> StartAsync(int stages, int tokens, CancellationToken cancel)
    {
        var chain = new HopChain(stages, tokens);
        try
        {
            await chain.StartAsync(cancel);
            return chain;
        }
        catch
        {
            await chain.DisposeAsync();
            throw;
        }
    }

    /// <summary>One session; nobody reads its stream.</summary>
    internal async Task<HopClock> RunAsync(CancellationToken cancel)
    {
        var clock = new HopClock(Stages, PromptTokens + tokens - 1);
        loader.OnPass = clock.Note;
        var session = platform!.NewSession();
        string question = new('a', PromptTokens - 1);
        await platform.AssignAsync(session, new Prompt(question, null), PromptTokens, tokens, new SamplingParameters(Temperature: 0), Life, cancel);
        var result = await bus.ResultAsync(session.Id, cancel);
        return result.Failure is null ? clock : throw new InvalidOperationException($"The chain failed: {result.Failure.Message}");
    }

    /// <summary>First position that counts: by then the session has settled.</summary>
    internal int Settled => PromptTokens + tokens / 8;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
            await host.DisposeAsync();
        platform?.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task StartAsync(CancellationToken cancel)
    {
        string blobs = Path.Combine(folder.FullName, "blobs");
        var digest = await model.PublishAsync(new FolderBlobStore(blobs), cancel);
        var key = SigningKey.FromSeed(RandomNumberGenerator.GetBytes(32));
        for (int i = 0; i < Stages; i++)
        {
            hosts.Add(await WorkerHost.StartAsync(
                new WorkerOptions
                {
                    KeyFile = Path.Combine(folder.FullName, $"{i}.key"),
                    Host = $"host-{i}",
                    BlobFolder = blobs,
                    CacheFolder = Path.Combine(folder.FullName, $"cache-{i}"),
                    PlatformKey = Convert.ToHexStringLower(key.PublicKey),
                },
                loader,
                bus,
                configuration: Quiet));
        }

        platform = new ChainPlatform(key, model.Manifest, digest,
            [.. hosts.Select(h => new ChainSeat(h.Node, new Uri($"http://127.0.0.1:{h.AppPort}"), null, h.DataEndpoint, h.StreamEndpoint, h.CertificateDigest))]);
        await platform.PlaceAsync(cancel);
        while (!hosts.All(h => h.Shards.Any(s => s.State == ShardState.Ready)))
            await Task.Delay(TimeSpan.FromMilliseconds(PollMilliseconds), TimeProvider.System, cancel);
    }
}
