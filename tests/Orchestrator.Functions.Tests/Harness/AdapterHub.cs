using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Tests.Harness;

/// <summary>The hub of an application that has the adapter for its engine, by the application's clock; there from before anything of it starts.</summary>
internal sealed class AdapterHub(IServiceProvider services) : IHostedService, IAsyncDisposable
{
    private readonly ReplayHub hub = Start(services, services.GetRequiredService<TimeProvider>(), new HubBehavior());

    /// <summary>Makes a hub that runs the registered workflows and activities, and offers its client.</summary>
    public static ReplayHub Start(IServiceProvider services, TimeProvider time, HubBehavior behavior)
    {
        var hub = new ReplayHub(time, App(services), behavior);
        Offer(hub, services, time);
        return hub;
    }

    /// <summary>Has a hub go on with another build of its application.</summary>
    public static async Task ReplaceAsync(ReplayHub hub, IServiceProvider services, TimeProvider time)
    {
        await hub.ReplaceAsync(App(services));
        Offer(hub, services, time);
    }

    private static HubApp App(IServiceProvider services)
    {
        var parts = services.GetRequiredService<DurableParts>();
        var activities = services.GetRequiredService<ActivityRunner>();
        return new(
            context => DurableRun.RunAsync(context, parts),
            async (name, input) => JsonSerializer.Serialize(await activities.RunAsync(name, JsonSerializer.Deserialize<JsonElement>(input!), CancellationToken.None)));
    }

    private static void Offer(ReplayHub hub, IServiceProvider services, TimeProvider time) =>
        services.GetRequiredService<DurableClientSource>().Offer(new ReplayHubClient(hub, time));

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => hub.DisposeAsync();
}
