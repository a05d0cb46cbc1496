using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.Hosting;

namespace Orchestrator.Sidecar;

/// <summary>
/// A Dapr-API-compatible sidecar for many apps in one process. Every app-id has its own pair of loopback ports, so
/// scopes, tokens and key prefixes are as real as with one <c>daprd</c> per app.
/// </summary>
public sealed class SidecarHost : IAsyncDisposable
{
    private readonly Engine _engine;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private AdminApi? _admin;

    private SidecarHost(Engine engine) => _engine = engine;

    /// <summary>The apps served now.</summary>
    public IReadOnlyCollection<SidecarApp> Apps => [.. _engine.Apps.Values.Select(Describe)];

    /// <summary>Address of the admin API; null when no admin token was given.</summary>
    public Uri? AdminEndpoint => _admin?.Address;

    /// <summary>Faults injected from now on.</summary>
    /// <exception cref="ArgumentException">A value is out of range.</exception>
    public FaultOptions Faults
    {
        get => _engine.Faults.Options;
        set => _engine.Faults.Options = value.Problem() is { } problem ? throw new ArgumentException(problem, nameof(value)) : value;
    }

    /// <summary>Faults injected so far, by the name of their probability in <see cref="FaultOptions"/>.</summary>
    public IReadOnlyDictionary<string, long> InjectedFaults => new[]
    {
        FaultKind.Duplicate, FaultKind.LostAck, FaultKind.Delay, FaultKind.Reorder, FaultKind.PublishFailure, FaultKind.ETagConflict, FaultKind.Rebalance, FaultKind.Unavailable,
    }.ToDictionary(kind => kind.ToString(), _engine.Faults.Struck);

    /// <summary>Reads the components, opens the store and starts serving the apps. Apps need not be up yet.</summary>
    /// <exception cref="ComponentException">A component file cannot be used.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">A port or the data folder is in use.</exception>
    public static async Task<SidecarHost> StartAsync(SidecarOptions options, CancellationToken cancel = default)
    {
        if (options.Faults.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }
        var components = ComponentReader.ReadFolder(options.ComponentsDirectory);
        ComponentNotes.Write(components, options.LoggerFactory.CreateLogger<SidecarHost>());
        var host = new SidecarHost(new Engine(options, components));
        try
        {
            foreach (var app in options.Apps)
            {
                await host.AddAppAsync(app, cancel);
            }
            if (options.AdminToken is { Length: > 0 } token)
            {
                host._admin = await AdminApi.StartAsync(host, options, token, cancel);
            }
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Serves one more app, or, for an app-id already served, points it to another endpoint.</summary>
    public async Task<SidecarApp> AddAppAsync(AppOptions options, CancellationToken cancel = default)
    {
        if (options.Problem() is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }
        await _changing.WaitAsync(cancel);
        try
        {
            if (_engine.Apps.TryGetValue(options.AppId, out var known))
            {
                known.App.Endpoint = options.AppHttpEndpoint;
                return Describe(known);
            }
            var server = await AppServer.StartAsync(_engine, options, cancel);
            _engine.Apps[options.AppId] = server;
            server.Watch();
            return Describe(server);
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Stops serving an app. Its subscriptions keep collecting messages for its return.</summary>
    /// <returns>false when it was not served.</returns>
    public async Task<bool> RemoveAppAsync(string appId, CancellationToken cancel = default)
    {
        await _changing.WaitAsync(cancel);
        try
        {
            if (!_engine.Apps.TryRemove(appId, out var server))
            {
                return false;
            }
            await server.DisposeAsync();
            return true;
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>The app's ports.</summary>
    /// <exception cref="KeyNotFoundException">No such app-id.</exception>
    public SidecarApp GetApp(string appId) => Describe(Find(appId));

    /// <summary>Says where an app listens, once it knows; it is looked for at once.</summary>
    /// <exception cref="KeyNotFoundException">No such app-id.</exception>
    public void ConnectApp(string appId, Uri appHttpEndpoint) => Find(appId).App.Endpoint = appHttpEndpoint;

    /// <summary>Completes when the app is up and its subscriptions and actor types are in force.</summary>
    /// <exception cref="KeyNotFoundException">No such app-id.</exception>
    public Task WhenReadyAsync(string appId, CancellationToken cancel = default) => Find(appId).App.WhenUpAsync(cancel);

    /// <summary>Deactivates every actor as a rebalance would: after its running turn, or when the drain time is over.</summary>
    public Task DeactivateActorsAsync() => _engine.Actors.DeactivateAllAsync();

    public async ValueTask DisposeAsync()
    {
        if (_admin is not null)
        {
            await _admin.DisposeAsync();
        }
        foreach (var appId in _engine.Apps.Keys)
        {
            await RemoveAppAsync(appId);
        }
        await _engine.DisposeAsync();
        _changing.Dispose();
    }

    private AppServer Find(string appId) => _engine.Apps.TryGetValue(appId, out var server)
        ? server
        : throw new KeyNotFoundException($"app-id '{appId}' is not served by this sidecar: add it with AddAppAsync");

    private static SidecarApp Describe(AppServer server) =>
        new(server.App.Id, server.Http, server.Grpc, server.App.Endpoint, server.App.IsUp);
}
