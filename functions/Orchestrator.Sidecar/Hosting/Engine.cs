using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Actors;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.PubSub;
using Orchestrator.Sidecar.State;
using Orchestrator.Sidecar.Storage;
using Orchestrator.Sidecar.Stores;

namespace Orchestrator.Sidecar.Hosting;

/// <summary>What all apps of a sidecar process share.</summary>
internal sealed class Engine : IAsyncDisposable
{
    public Engine(SidecarOptions options, ComponentSet components)
    {
        var (time, logs) = (options.TimeProvider, options.LoggerFactory);
        Options = options;
        Components = components;
        Faults = new FaultPlan(options.Seed, options.Faults);
        Store = options.DataDirectory is { } folder
            ? new SqliteStore(folder, options.HeldPerTopic, time.GetUtcNow())
            : new MemoryStore(options.HeldPerTopic);
        Broker = new Broker(components, Store, Faults, time, options.LargestBodyBytes, logs);
        State = new StateService(components, Store, Faults, time);
        Secrets = new SecretService(components, options.ComponentsDirectory);
        Configuration = new ConfigurationService(components, options.ComponentsDirectory);
        Locks = new LockService(components, Store, time);
        Actors = new ActorRuntime(Faults, time, options.LargestBodyBytes, logs);
        ActorState = new ActorStateService(components, Store, Actors, time);
        Timers = new ActorTimers(Actors, time, logs);
        Reminders = new ActorReminders(Actors, Store, time, logs);
    }

    public SidecarOptions Options { get; }
    public ComponentSet Components { get; }
    public FaultPlan Faults { get; }
    public IStore Store { get; }
    public Broker Broker { get; }
    public StateService State { get; }
    public SecretService Secrets { get; }
    public ConfigurationService Configuration { get; }
    public LockService Locks { get; }
    public ActorRuntime Actors { get; }
    public ActorStateService ActorState { get; }
    public ActorTimers Timers { get; }
    public ActorReminders Reminders { get; }
    public ConcurrentDictionary<string, AppServer> Apps { get; } = new(StringComparer.Ordinal);

    public App? FindApp(string id) => Apps.TryGetValue(id, out var server) ? server.App : null;

    public ILogger Log<T>() => Options.LoggerFactory.CreateLogger<T>();

    public async ValueTask DisposeAsync()
    {
        Reminders.Dispose();
        Actors.Dispose();
        await Broker.DisposeAsync();
        Store.Dispose();
    }
}
