using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>The hub of an application that has the adapter for its engine, in real time; there from before anything of it starts.</summary>
internal sealed class AdapterHub(IServiceProvider services) : IHostedService, IAsyncDisposable
{
    private readonly ReplayHub hub = Start(services, TimeProvider.System, new HubBehavior());

    /// <summary>Makes a hub that runs the registered workflows and activities, and offers its client.</summary>
    public static ReplayHub Start(IServiceProvider services, TimeProvider time, HubBehavior behavior)
    {
        var parts = services.GetRequiredService<DurableParts>();
        var activities = services.GetRequiredService<ActivityRunner>();
        var hub = new ReplayHub(
            time,
            context => DurableRun.RunAsync(context, parts),
            async (name, input) => JsonSerializer.Serialize(await activities.RunAsync(name, JsonSerializer.Deserialize<JsonElement>(input!), CancellationToken.None)),
            behavior);
        services.GetRequiredService<DurableClientSource>().Offer(new ReplayHubClient(hub, time));
        return hub;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => hub.DisposeAsync();
}
