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
    private readonly List<ServiceProvider> builds = [];
    private readonly ReplayHub hub;

    public AdapterHost(Action<IServiceCollection, ContractHost> register, HubBehavior behavior)
    {
        hub = AdapterHub.Start(Build(services => register(services, this)), time, behavior);
    }

    public override IWorkflowClient Client => builds[^1].GetRequiredService<IWorkflowClient>();

    public override DateTimeOffset UtcNow => time.GetUtcNow();

    public override void Advance(TimeSpan by) => time.Advance(by);

    public override Task UpgradeAsync(Action<IServiceCollection> register) => AdapterHub.ReplaceAsync(hub, Build(register), time);

    public override async ValueTask DisposeAsync()
    {
        await hub.DisposeAsync();
        foreach (var build in builds)
            await build.DisposeAsync();
        blobs.Delete(recursive: true);
    }

    private ServiceProvider Build(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        register(services);
        services.AddSingleton<IBlobStore>(new FolderBlobStore(blobs.FullName));
        services.AddDurableFunctionsEngine();
        builds.Add(services.BuildServiceProvider());
        return builds[^1];
    }
}
