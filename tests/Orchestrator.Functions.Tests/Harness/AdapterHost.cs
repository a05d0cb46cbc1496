using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Durable;
using Orchestrator.Durable.Tests.Harness;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>The adapter under the contract: the replaying part of the Functions worker, over a hub in memory with virtual time.</summary>
internal sealed class AdapterHost : ContractHost
{
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly DirectoryInfo blobs = Directory.CreateTempSubdirectory("adapter-");
    private readonly ServiceProvider services;
    private readonly ReplayHub hub;

    public AdapterHost(Action<IServiceCollection, ContractHost> register, HubBehavior behavior)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<TimeProvider>(time);
        register(collection, this);
        collection.AddSingleton<IBlobStore>(new FolderBlobStore(blobs.FullName));
        collection.AddDurableFunctionsEngine();
        services = collection.BuildServiceProvider();
        hub = AdapterHub.Start(services, time, behavior);
    }

    public override IWorkflowClient Client => services.GetRequiredService<IWorkflowClient>();

    public override DateTimeOffset UtcNow => time.GetUtcNow();

    public override void Advance(TimeSpan by) => time.Advance(by);

    public override async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        await services.DisposeAsync();
        blobs.Delete(recursive: true);
    }
}
