using System.Net;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Api;
using Orchestrator.Sidecar.Apps;

namespace Orchestrator.Sidecar.Hosting;

/// <summary>One app-id's pair of ports, and the watch over its app.</summary>
internal sealed class AppServer : IAsyncDisposable
{
    private readonly Engine _engine;
    private readonly WebApplication _web;
    private readonly CancellationTokenSource _stop = new();
    private Task _watch = Task.CompletedTask;

    private AppServer(Engine engine, AppOptions options)
    {
        _engine = engine;
        App = new App(options);
        _web = Build(engine, App);
    }

    public App App { get; }

    public Uri Http { get; private set; } = null!;

    public Uri Grpc { get; private set; } = null!;

    public static async Task<AppServer> StartAsync(Engine engine, AppOptions options, CancellationToken cancel)
    {
        var server = new AppServer(engine, options);
        try
        {
            await server._web.StartAsync(cancel);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        var addresses = server._web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        server.Http = new Uri(addresses[0]);
        server.Grpc = new Uri(addresses[1]);
        return server;
    }

    /// <summary>Begins to look for the app.</summary>
    public void Watch() => _watch = new AppWatch(App, Connected, Disconnected, _engine.Log<AppWatch>()).RunAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        await _engine.Broker.RemoveAsync(App);
        using (var quickly = new CancellationTokenSource(TimeSpan.FromSeconds(2)))
        {
            await _web.StopAsync(quickly.Token);
        }
        await _web.DisposeAsync();
        App.Dispose();
        _stop.Dispose();
    }

    private void Connected(App app, AppDescription description)
    {
        _engine.Broker.Connect(app, description.Subscriptions);
        _engine.Actors.Connect(app, description.ActorTypes);
    }

    private void Disconnected(App app) => _engine.Actors.Disconnect(app);

    private static WebApplication Build(Engine engine, App app)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(AppServer).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(engine.Options.LoggerFactory);
        builder.WebHost.UseSetting(WebHostDefaults.PreventHostingStartupKey, "true");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = engine.Options.LargestBodyBytes + (64 * 1024);
            kestrel.Listen(IPAddress.Loopback, app.Options.HttpPort, l => l.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, app.Options.GrpcPort, l => l.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = engine.Options.LargestBodyBytes + (64 * 1024);
            grpc.EnableDetailedErrors = false;
        });
        var metadata = new AppMetadata(app, engine.Components, engine.Broker, engine.Actors);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceMethodProvider<DaprService>, DaprGrpc>());
        builder.Services.AddSingleton(new DaprService(app, engine.Broker, engine.State, engine.Secrets, engine.Configuration, engine.Locks, metadata));

        var web = builder.Build();
        var gate = new Gate(app, engine.Faults);
        web.Use(gate.PassAsync);
        web.UseRouting();
        web.MapGrpcService<DaprService>();
        PublishEndpoints.Map(web, app, engine.Broker);
        StateEndpoints.Map(web, app, engine.State);
        ActorEndpoints.Map(web, app, engine.Actors, engine.ActorState, engine.Timers, engine.Reminders);
        StoreEndpoints.Map(web, app, engine.Secrets, engine.Configuration);
        InvokeEndpoints.Map(web, app, engine.FindApp);
        HealthEndpoints.Map(web, metadata);
        return web;
    }
}
