using System.Text.Json.Nodes;
using k8s;
using Orchestrator.Controller.Hosting;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>A fake cluster, a fake platform and controllers between them.</summary>
internal sealed class World : IAsyncDisposable
{
    public const string Namespace = "models";

    private readonly TempFolder folder = new();
    private readonly List<ControllerHost> hosts = [];

    private World(FakeApiServer server, FakePlatform platform)
    {
        (Server, Platform, Workloads) = (server, platform, new FakeWorkloads(server.Cluster));
        platform.Kill = server.Kill;
        server.Kill.OnDeath = server.Watches.Abort;
        File.WriteAllText(KeyFile, FakePlatform.Key + "\n");
    }

    public FakeApiServer Server { get; }

    public FakeCluster Cluster => Server.Cluster;

    public KillSwitch Kill => Server.Kill;

    public FakePlatform Platform { get; }

    public FakeWorkloads Workloads { get; }

    public FakeModel Model { get; } = new(stages: 2);

    public string KeyFile => Path.Combine(folder.Path, "key");

    public static async Task<World> StartAsync() => new(await FakeApiServer.StartAsync(), await FakePlatform.StartAsync());

    public ControllerOptions Options(string identity = "controller-0") => Given.Options with
    {
        Namespace = Namespace,
        Identity = identity,
        PlatformUrl = Platform.Address,
        ApiKeyFile = KeyFile,
        HealthPort = 0,
    };

    public async Task<ControllerHost> ControlAsync(ControllerOptions? options = null, HttpMessageHandler? sources = null)
    {
        var host = await ControllerHost.StartAsync(options ?? Options(), Server.Connect(), () => 0.5, Workloads, sources);
        hosts.Add(host);
        return host;
    }

    /// <summary>The platform has the model's files.</summary>
    public void Upload()
    {
        Platform.Put(Model.ManifestJson);
        for (int stage = 0; stage < Model.Manifest.Stages.Count; stage++)
            Platform.Put(Model.ShardFile(stage));
    }

    /// <summary>Somebody creates a model.</summary>
    public JsonObject Create(string name = "chat", Action<JsonObject>? change = null)
    {
        var body = Given.ModelJson(name, Model.ManifestDigest.Value, Model.Manifest.Stages.Count);
        change?.Invoke(body["spec"]!.AsObject());
        return Cluster.Create(Kinds.Models, Namespace, body, "kubectl");
    }

    public InferenceModel? Find(string name = "chat") =>
        Cluster.Find(Kinds.Models, Namespace, name) is { } body ? KubernetesJson.Deserialize<InferenceModel>(body.ToJsonString()) : null;

    /// <summary>Waits until a model is so; nothing in the cluster signals, so it asks.</summary>
    public Task UntilAsync(Func<InferenceModel?, bool> condition, string name = "chat") =>
        Eventually.Holds(() => Task.FromResult(condition(Find(name))), () => $"{Cluster.Find(Kinds.Models, Namespace, name)?.ToJsonString()} calls: {string.Join(", ", Server.Calls.Items.TakeLast(10))}");

    public Task UntilAsync(Func<bool> condition, string what) => Eventually.Holds(() => Task.FromResult(condition()), () => what);

    public Task ConditionAsync(string type, string status, string? reason = null, string name = "chat") =>
        UntilAsync(m => m?.Status?.Conditions.Any(c => c.Type == type && c.Status == status && (reason is null || c.Reason == reason)) == true, name);

    /// <summary>Brings a model all the way: pods run, the platform loads.</summary>
    public async Task ServeAsync(string name = "chat")
    {
        await UntilAsync(() => Cluster.Find(Kinds.StatefulSets, Namespace, $"{name}-s{Model.Manifest.Stages.Count - 1}") is not null, "no workloads");
        Workloads.Step();
        int wanted = Find(name)!.Spec.Replicas * Model.Manifest.Stages.Count;
        await UntilAsync(() => Platform.PlacementsOf(Model.Manifest.Name).Count >= wanted, $"placements: {Platform.PlacementsOf(Model.Manifest.Name).Count} of {wanted}; {Cluster.Find(Kinds.Models, Namespace, name)}");
        Platform.Load(Model.Manifest.Name);
        await ConditionAsync("Ready", "True", name: name);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
            await host.DisposeAsync();
        await Platform.DisposeAsync();
        await Server.DisposeAsync();
        folder.Dispose();
    }
}
