using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapr.Actors.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Core.Accounts;
using Orchestrator.Sidecar;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Actors.Tests.Kit;

/// <summary>The actor service behind a real sidecar on loopback, and a caller with ports of its own; one clock for all.</summary>
internal sealed class ActorNetwork : IAsyncDisposable
{
    private const string StateStore = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: statestore }
        spec: { type: state.redis, version: v1, metadata: [ { name: actorStateStore, value: "true" } ] }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("actor-tests-").FullName;
    private readonly SemaphoreSlim reminderTurns = new(0);
    private int repeats;
    private WebApplication? service;
    private ServiceProvider? caller;

    private ActorNetwork()
    {
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Calls that <see cref="Persist{T}"/> had to repeat.</summary>
    public int Repeats => repeats;

    public DateTimeOffset Now => Time.GetUtcNow();

    public SidecarHost Sidecar { get; private set; } = null!;

    public IActorProxyFactory Actors => caller!.GetRequiredService<IActorProxyFactory>();

    public static async Task<ActorNetwork> StartAsync(FaultOptions? faults = null, int seed = 0)
    {
        var network = new ActorNetwork();
        await File.WriteAllTextAsync(Path.Combine(network.folder, "statestore.yaml"), StateStore);
        network.Sidecar = await SidecarHost.StartAsync(
            new SidecarOptions { ComponentsDirectory = network.folder, TimeProvider = network.Time, Seed = seed },
            TestContext.Current.CancellationToken);
        await network.ServeAsync();
        var ports = await network.Sidecar.AddAppAsync(new AppOptions { AppId = "caller" }, TestContext.Current.CancellationToken);
        network.caller = new ServiceCollection().AddSingleton(Configuration(ports)).AddOrchestratorActorProxies().BuildServiceProvider();
        network.Sidecar.Faults = faults ?? new FaultOptions();
        return network;
    }

    /// <summary>Repeats an idempotent call until it gets an answer, as every caller of an actor must.</summary>
    public async Task<T> Persist<T>(Func<Task<T>> call)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception) when (attempt < 50)
            {
                Interlocked.Increment(ref repeats);
            }
        }
    }

    public Task Persist(Func<Task> call) => Persist(async () =>
    {
        await call();
        return true;
    });

    /// <summary>Does something that makes a reminder due, and waits until its turn is over.</summary>
    public async Task AfterReminderAsync(Action trigger)
    {
        trigger();
        (await reminderTurns.WaitAsync(Patience, TestContext.Current.CancellationToken)).ShouldBeTrue($"no reminder fired by {Now:o}");
    }

    /// <summary>The books as stored, read past the actor, which would expire holds on the way.</summary>
    public async Task<AccountBook> StoredBookAsync(string account)
    {
        using var http = new HttpClient { BaseAddress = Sidecar.GetApp("actors").HttpEndpoint };
        var document = await http.GetFromJsonAsync<JsonObject>($"/v1.0/actors/{ActorNames.Account}/{account}/state/document", TestContext.Current.CancellationToken);
        return document!["book"].Deserialize<AccountBook>(ActorJson.Options)!;
    }

    /// <summary>Stores an account's books past the actor.</summary>
    public async Task StoreBookAsync(string account, AccountBook book)
    {
        await Actors.Account(account).GetAsync();
        using var http = new HttpClient { BaseAddress = Sidecar.GetApp("actors").HttpEndpoint };
        var write = new JsonObject
        {
            ["operation"] = "upsert",
            ["request"] = new JsonObject { ["key"] = "document", ["value"] = new JsonObject { ["book"] = JsonSerializer.SerializeToNode(book, ActorJson.Options), ["reminderAt"] = null } },
        };
        using var stored = await http.PostAsJsonAsync($"/v1.0/actors/{ActorNames.Account}/{account}/state", new JsonArray(write), TestContext.Current.CancellationToken);
        stored.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (caller is not null)
            await caller.DisposeAsync();
        if (service is not null)
        {
            using var quickly = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await service.StopAsync(quickly.Token);
            await service.DisposeAsync();
        }

        await Sidecar.DisposeAsync();
        Directory.Delete(folder, recursive: true);
        reminderTurns.Dispose();
    }

    private async Task ServeAsync()
    {
        var ports = await Sidecar.AddAppAsync(new AppOptions { AppId = "actors" }, TestContext.Current.CancellationToken);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        builder.Configuration.AddConfiguration(Configuration(ports));
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddOrchestratorActors();
        service = builder.Build();
        service.Use(async (context, next) =>
        {
            await next(context);
            if (context.Request.Path.Value!.Contains("/method/remind/", StringComparison.Ordinal))
                reminderTurns.Release();
        });
        service.MapOrchestratorActors();
        await service.StartAsync(TestContext.Current.CancellationToken);
        var address = service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Sidecar.ConnectApp("actors", new Uri(address));
        await Sidecar.WhenReadyAsync("actors", TestContext.Current.CancellationToken).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    private static IConfiguration Configuration(SidecarApp ports) => new ConfigurationBuilder()
        .AddInMemoryCollection(new Dictionary<string, string?> { ["DAPR_HTTP_ENDPOINT"] = ports.HttpEndpoint.ToString() })
        .Build();
}
