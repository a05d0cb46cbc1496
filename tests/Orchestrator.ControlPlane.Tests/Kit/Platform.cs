using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Availability;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Nodes;
using Orchestrator.Durable;
using Orchestrator.Sidecar;
using Orchestrator.Sidecar.Faults;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>
/// A whole platform in one process: the local sidecar, the actors, the embedded engine and the control plane on Kestrel, with a published and placed fake
/// model on <see cref="FakeNetwork"/>. Only the model is fake.
/// </summary>
public sealed partial class Platform : IAsyncDisposable
{
    public const string UserKey = "user-key";
    public const string OtherKey = "other-key";
    public const string PoorKey = "poor-key";
    public const string AdminKey = "admin-key";
    public const long Granted = 1_000_000_000;

    private readonly TempFolder folder = new();
    private readonly SidecarHost sidecar;
    private WebApplication web = null!;
    private bool evict;
    private Func<ControlPlaneOptions, ControlPlaneOptions>? configure;
    private Action<IServiceCollection>? engine;
    private RunningClock? own;

    private Platform(SidecarHost sidecar) => this.sidecar = sidecar;

    public Uri Address { get; private set; } = null!;

    public FakeModel Model { get; private init; } = new(layers: 8, stages: 4, context: 512);

    public IServiceProvider Services => web.Services;

    /// <summary>Of control plane, actors and engine. Behind the real one by what the machine stalled: what a test tells the platform of times is told by this.</summary>
    public TimeProvider Clock { get; private init; } = TimeProvider.System;

    /// <summary>The embedded engine's.</summary>
    public string JournalPath => folder["journal.db"];

    public IWorkflowClient Workflows => Services.GetRequiredService<IWorkflowClient>();

    internal FakeNetwork Network { get; private set; } = null!;

    internal FaultOptions Faults
    {
        set => sidecar.Faults = value;
    }

    internal IReadOnlyDictionary<string, long> InjectedFaults => sidecar.InjectedFaults;

    /// <summary>Starts everything.</summary>
    /// <param name="nodes">Fake nodes, each of its own host.</param>
    /// <param name="chains">Chains the model is placed on.</param>
    /// <param name="configure">Changes options.</param>
    /// <param name="seed">Of the sidecar's fault decisions.</param>
    /// <param name="evict">Forget every workflow after each event, so that every turn replays from disk.</param>
    /// <param name="log">Least level logged; <see cref="LogLevel.None"/> where thousands of faults are expected.</param>
    /// <param name="engine">Adds another workflow engine than the embedded one.</param>
    /// <param name="floats">Have the model put out floats, so that every stage has fingerprints.</param>
    /// <param name="shut">Numbers of nodes that do not reach the door for answers to demands.</param>
    /// <param name="time">Its clock; null for one that runs.</param>
    public static async Task<Platform> StartAsync(
        int nodes = 12, int chains = 3, Func<ControlPlaneOptions, ControlPlaneOptions>? configure = null, int seed = 0, LogLevel log = LogLevel.Warning, bool evict = false,
        Action<IServiceCollection>? engine = null, Func<int, bool>? shut = null, TimeProvider? time = null, bool floats = false)
    {
        var sidecar = await SidecarHost.StartAsync(new SidecarOptions { ComponentsDirectory = Path.Combine(Repository(), "dapr-components"), Seed = seed });
        var own = time is null ? new RunningClock() : null;
        var platform = new Platform(sidecar)
        {
            evict = evict,
            configure = configure,
            engine = engine,
            own = own,
            Clock = time ?? own!,
            Model = new(layers: 8, stages: 4, context: 512, floats: floats),
        };
        await platform.StartControlPlaneAsync(log);
        platform.Network = await FakeNetwork.StartAsync(sidecar, nodes, platform.Model, platform.folder["blobs"]);
        platform.Network.Witnesses.Shut = node => shut?.Invoke(platform.Network.Node(node).Number) ?? false;
        await platform.PublishAsync(chains, shut is null);
        return platform;
    }

    /// <summary>Makes every stage's second node one of another class, and waits until all of them are known by it and chains would be planned of both.</summary>
    /// <param name="assurance">For which one class must have too few hosts then.</param>
    /// <param name="third">Makes the third nodes ones of a third class.</param>
    internal async Task MixClassesAsync(string assurance = "redundant:2", bool third = false)
    {
        for (int stage = 0; stage < Model.Manifest.Stages.Count; stage++)
        {
            var holders = Network.Nodes.Where(n => n.Shards.Any(s => s.Stage == stage)).ToList();
            holders[1].Class = FakeNetwork.OtherClass;
            if (third)
                holders[2].Class = FakeNetwork.ThirdClass;
        }

        await Network.RegisterAsync();
        await Network.BeatAsync();
        // A chain that was planned while one was still known by its old class would be refused for its receipt.
        foreach (var node in Network.Nodes)
            await KnownAsync(node, known => known.Record.Capability.Class == node.Class);
        using var client = Client();
        string quote = "";
        await Eventually.Holds(
            async () =>
            {
                using var body = Json($$"""{"model":"{{Model.Manifest.Name}}","messages":[{"role":"user","content":"?"}],"orchestrator":{"assurance":"{{assurance}}"} }""");
                using var answer = await client.PostAsync("/api/quotes", body);
                quote = await answer.Content.ReadAsStringAsync();
                return quote.Contains("\"tolerance\"", StringComparison.Ordinal);
            },
            () => quote);
    }

    /// <summary>Waits until chains would be planned of the node as the condition asks: the model hears of a change after the node's own actor.</summary>
    internal async Task KnownAsync(FakeNode node, Func<NodeState, bool> condition) => await Eventually.Holds(
        async () => (await Services.GetRequiredService<TopologyCache>().FreshModelAsync(Model.Manifest.Name, default))?.Nodes.Any(n => n.Record.Node == node.Id && condition(n)) == true,
        () => $"the model does not know what changed at node {node.Number}");

    public HttpClient Client(string? key = UserKey)
    {
        var client = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(3) };
        if (key is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static readonly JsonSerializerOptions ApiNames = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Submits a batch job that nobody checks; its id.</summary>
    public async Task<string> SubmitAsync()
    {
        using var client = Client();
        using var submitted = await client.PostAsync(
            "/api/jobs",
            Json($$"""{"model":"{{Model.Manifest.Name}}","messages":[{"role":"user","content":"wait"}],"max_tokens":20,"orchestrator":{"assurance":"none"} }"""));
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync());
        return submitted.Headers.GetValues("x-orchestrator-job").Single();
    }

    /// <summary>The custom status of a job's workflow, as JSON; empty while there is none.</summary>
    public async Task<string> StateAsync(string job) => (await Workflows.GetAsync(job))?.CustomStatusJson ?? "";

    public async Task<T> GetAsync<T>(string path, string key = AdminKey)
    {
        using var client = Client(key);
        return JsonSerializer.Deserialize<T>(await client.GetStringAsync(path), ApiNames)!;
    }

    /// <summary>Makes every blob of the store look as if it had been put earlier by this much.</summary>
    public void MakeBlobsOlder(TimeSpan by)
    {
        // The files have the real time.
        var stalled = DateTimeOffset.UtcNow - Clock.GetUtcNow();
        foreach (string file in Directory.GetFiles(folder["blobs"], "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file) - by - stalled);
    }

    /// <summary>Publishes another manifest under the model's name.</summary>
    internal async Task RepublishAsync(Contracts.ModelManifest manifest)
    {
        using var admin = Client(AdminKey);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(manifest, Contracts.ContractsJson.Default.ModelManifest);
        var published = await admin.PostAsync("/api/models", new ByteArrayContent(json));
        published.StatusCode.ShouldBe(HttpStatusCode.Created, await published.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        await web.StopAsync();
        await web.DisposeAsync();
        await sidecar.DisposeAsync();
        own?.Dispose();
        folder.Dispose();
    }

    /// <summary>Stops the control plane's process, as far as one process can, and starts it on the same journal.</summary>
    public async Task RestartControlPlaneAsync()
    {
        await web.StopAsync();
        await web.DisposeAsync();
        await StartControlPlaneAsync(LogLevel.Warning);
    }

    private async Task StartControlPlaneAsync(LogLevel log)
    {
        var served = await sidecar.AddAppAsync(new AppOptions { AppId = "control-plane", AppApiToken = "app-token" });
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DAPR_HTTP_ENDPOINT"] = served.HttpEndpoint.ToString(),
            ["DAPR_GRPC_ENDPOINT"] = served.GrpcEndpoint.ToString(),
            ["APP_API_TOKEN"] = "app-token",
        });
        builder.Logging.ClearProviders().AddProvider(new TestLog()).SetMinimumLevel(log);
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var options = new ControlPlaneOptions
        {
            ApiKeysFile = KeysFile(),
            PlatformKeyFile = folder["platform.key"],
            BlobFolder = folder["blobs"],
            ProbeInterval = TimeSpan.FromMilliseconds(300),
            StreamStartTimeout = TimeSpan.FromSeconds(1),
            TopologyAge = TimeSpan.FromMilliseconds(50),
            Audits = new AuditOptions
            {
                Policy = AuditPolicy.Default with { PlantedShare = 0, PlantedExactShare = 0, ExactShare = 0 },
                ChallengeWindow = TimeSpan.FromSeconds(1),
                EvidencePatience = TimeSpan.FromSeconds(3),
                Availability = new AvailabilityRules(5, 3, 2, TimeSpan.FromSeconds(2)),
                ReportPatience = TimeSpan.FromSeconds(5),
                AuditorPatience = TimeSpan.FromSeconds(2),
                Disputes = new DisputeRules(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), 2, 4),
                Referees = [FakeNetwork.RefereeKey.Node.Value],
            },
            Liveness = new Liveness(TimeSpan.FromMinutes(5), 3, TimeSpan.FromDays(1)),
        };
        builder.Services.AddSingleton(Clock);
        builder.Services.AddOrchestratorActors();
        builder.Services.AddControlPlane(configure?.Invoke(options) ?? options);
        (engine ?? AddEmbeddedEngine)(builder.Services);
        web = builder.Build();
        web.MapControlPlane();
        web.MapOrchestratorActors();
        await web.StartAsync();
        Address = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Services.GetRequiredService<PublicAddress>().Value = Address;
        sidecar.ConnectApp("control-plane", Address);
        await sidecar.WhenReadyAsync("control-plane").WaitAsync(TimeSpan.FromSeconds(30));
        using var client = Client(null);
        await Eventually.Holds(async () => (await client.GetAsync("/readyz")).IsSuccessStatusCode, () => "not ready");
    }

    private void AddEmbeddedEngine(IServiceCollection services) => services.AddDurableEngine(o =>
    {
        o.JournalPath = JournalPath;
        o.EvictAfterEveryEvent = evict;
    });

    private async Task PublishAsync(int chains, bool answering)
    {
        await Network.RegisterAsync();
        using var admin = Client(AdminKey);
        await Eventually.Holds(
            async () => (await GetAsync<JsonElement>("/api/nodes")).GetProperty("nodes").GetArrayLength() == Network.Nodes.Count, () => "nodes are missing");
        await Network.BeatAsync();
        await Eventually.Holds(
            async () => (await GetAsync<JsonElement>("/api/nodes")).GetProperty("nodes").EnumerateArray().All(n => n.GetProperty("status").GetString() == "ready"),
            () => "nodes do not beat");
        for (int stage = 0; stage < Model.Manifest.Stages.Count; stage++)
        {
            var put = await admin.PutAsync($"/api/blobs/{Model.Manifest.Stages[stage].Blob}", new ByteArrayContent(Model.ShardFile(stage)));
            put.StatusCode.ShouldBe(HttpStatusCode.Created, await put.Content.ReadAsStringAsync());
        }

        var published = await admin.PostAsync("/api/models", new ByteArrayContent(Model.ManifestJson));
        published.StatusCode.ShouldBe(HttpStatusCode.Created, await published.Content.ReadAsStringAsync());
        var placed = await admin.PostAsync($"/api/models/{Model.Manifest.Name}/place", Json($$"""{"chains":{{chains}}}"""));
        placed.StatusCode.ShouldBe(HttpStatusCode.OK, await placed.Content.ReadAsStringAsync());
        await Eventually.Holds(
            async () => (await GetAsync<JsonElement>($"/api/models/{Model.Manifest.Name}")).GetProperty("stages").EnumerateArray()
                .All(s => s.GetProperty("nodes").EnumerateArray().Count(n => n.GetProperty("state").GetString() == "ready" && n.GetProperty("live").GetBoolean() && (!answering || n.GetProperty("answers").GetBoolean())) >= chains),
            () => "shards are not ready");
        // What a request reads may be older than what was waited for.
        Services.GetRequiredService<TopologyCache>().Invalidate();
    }

    public static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private string KeysFile()
    {
        const string granted = "\"grantedAt\":\"2026-01-01T00:00:00Z\"";
        return folder.Write("keys.json", Encoding.UTF8.GetBytes($$"""
            {"keys":[
              {"sha256":"{{Hash(UserKey)}}","account":"user","role":"user","initialCredit":{{Granted}},{{granted}}},
              {"sha256":"{{Hash(OtherKey)}}","account":"other","role":"user","initialCredit":{{Granted}},{{granted}}},
              {"sha256":"{{Hash(PoorKey)}}","account":"poor","role":"user","initialCredit":10,{{granted}}},
              {"sha256":"{{Hash(AdminKey)}}","account":"admin","role":"admin","initialCredit":{{Granted}},{{granted}}}]}
            """));
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    internal static string Repository()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orchestrator.sln")))
            at = at.Parent;
        return at?.FullName ?? throw new InvalidOperationException("The tests must run inside the repository.");
    }
}
