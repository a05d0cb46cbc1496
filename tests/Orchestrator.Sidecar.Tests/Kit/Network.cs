using System.Net;
using Dapr.Actors.Client;
using Dapr.Actors.Runtime;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Sidecar.Tests.Kit;

/// <summary>A sidecar and real Kestrel apps on loopback that use the real Dapr packages against it.</summary>
internal sealed class Network : IAsyncDisposable
{
    private readonly List<TestApp> _apps = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("sidecar-tests-").FullName;

    private Network()
    {
    }

    public SidecarHost Sidecar { get; private set; } = null!;

    public string DataDirectory => Path.Combine(_folder, "data");

    public static async Task<Network> StartAsync(string? components = null, Func<SidecarOptions, SidecarOptions>? options = null)
    {
        var network = new Network();
        var folder = Path.Combine(network._folder, "components");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "components.yaml"), components ?? Yaml.Default);
        await network.StartSidecarAsync(options);
        return network;
    }

    public async Task StartSidecarAsync(Func<SidecarOptions, SidecarOptions>? options = null)
    {
        var made = new SidecarOptions { ComponentsDirectory = Path.Combine(_folder, "components") };
        Sidecar = await SidecarHost.StartAsync(options?.Invoke(made) ?? made, TestContext.Current.CancellationToken);
    }

    public Task<TestApp> AddAppAsync(string appId, Action<WebApplication>? map = null, Action<ActorRuntimeOptions>? actors = null, AppOptions? options = null) =>
        AddAppAsync(appId, map, actors, options, null);

    public async Task<TestApp> AddAppAsync(string appId, Action<WebApplication>? map, Action<ActorRuntimeOptions>? actors, AppOptions? options, Action<IServiceCollection>? services, bool cloudEvents = true)
    {
        var served = await Sidecar.AddAppAsync((options ?? new AppOptions { AppId = appId }) with { AppId = appId }, TestContext.Current.CancellationToken);
        var app = await TestApp.StartAsync(served, options?.ApiToken, map, actors, services, cloudEvents);
        _apps.Add(app);
        Sidecar.ConnectApp(appId, app.Address);
        await Sidecar.WhenReadyAsync(appId, TestContext.Current.CancellationToken).WaitAsync(Patience.Long, TestContext.Current.CancellationToken);
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }
        await Sidecar.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One app: a web server, and clients that talk to its own sidecar ports.</summary>
internal sealed class TestApp(WebApplication web, SidecarApp served, string? token) : IAsyncDisposable
{
    public SidecarApp Served => served;

    public DaprClient Client { get; } = Configure(new DaprClientBuilder(), served, token).Build();

    public HttpClient Http { get; } = new() { BaseAddress = served.HttpEndpoint };

    public IServiceProvider Services => web.Services;

    public IActorProxyFactory Actors { get; } = new ActorProxyFactory(new ActorProxyOptions { HttpEndpoint = served.HttpEndpoint.ToString(), DaprApiToken = token });

    public Uri Address { get; } = new(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<TestApp> StartAsync(
        SidecarApp served, string? token, Action<WebApplication>? map, Action<ActorRuntimeOptions>? actors, Action<IServiceCollection>? services, bool cloudEvents = true, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        builder.Services.AddDaprClient(b => Configure(b, served, token));
        services?.Invoke(builder.Services);
        if (actors is not null)
        {
            builder.Services.AddActors(o =>
            {
                o.HttpEndpoint = served.HttpEndpoint.ToString();
                if (token is not null)
                {
                    o.DaprApiToken = token;
                }
                actors(o);
            });
        }
        var web = builder.Build();
        if (cloudEvents)
        {
            web.UseCloudEvents();
        }
        map?.Invoke(web);
        web.MapSubscribeHandler();
        if (actors is not null)
        {
            web.MapActorsHandlers();
        }
        await web.StartAsync(TestContext.Current.CancellationToken);
        return new TestApp(web, served, token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Http.Dispose();
        using var quickly = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await web.StopAsync(quickly.Token);
        await web.DisposeAsync();
    }

    private static DaprClientBuilder Configure(DaprClientBuilder builder, SidecarApp served, string? token)
    {
        builder.UseHttpEndpoint(served.HttpEndpoint.ToString()).UseGrpcEndpoint(served.GrpcEndpoint.ToString());
        return token is null ? builder : builder.UseDaprApiToken(token);
    }
}
