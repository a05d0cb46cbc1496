using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>Several worker hosts in this process, each with its own listeners, identity and loader; the test is their platform.</summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    /// <summary>How long tests wait for what must come; far above what a loaded machine needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string folder = Directory.CreateTempSubdirectory("worker-tests-").FullName;
    private readonly HttpClient http = new();
    private readonly bool[] stopped;
    private int version;

    private TestNetwork(ModelManifest model, byte[][] shards, byte[] script)
    {
        int nodes = shards.Length;
        (Model, Shards) = (model, shards);
        Loaders = [.. Enumerable.Range(0, nodes).Select(_ => new ScriptedLoader(script))];
        Nodes = new WorkerHost[nodes];
        stopped = new bool[nodes];
        Platform = SigningKey.FromSeed(SHA256Of("platform"));
        Blobs = new FolderBlobStore(BlobFolder);
    }

    public ModelManifest Model { get; }

    public byte[][] Shards { get; }

    public Digest Manifest { get; private set; }

    public SigningKey Platform { get; }

    public RecordingBus Bus { get; } = new();

    public ScriptedLoader[] Loaders { get; }

    public WorkerHost[] Nodes { get; }

    public FolderBlobStore Blobs { get; }

    public string BlobFolder => Path.Combine(folder, "blobs");

    public string StreamToken => "stream-token";

    /// <summary>Starts nodes that each hold one stage.</summary>
    public static async Task<TestNetwork> StartAsync(int nodes, string answer, Func<int, WorkerOptions, WorkerOptions>? change = null, bool place = true, TimeProvider? time = null)
    {
        var (model, shards) = ScriptedModel.Build(nodes);
        var network = new TestNetwork(model, shards, Encoding.UTF8.GetBytes(answer));
        await network.StartAsync(ScriptedModel.Json(model), change, place, time, scripted: true);
        return network;
    }

    /// <summary>Starts nodes that each hold one shard of a real model, in ONNX Runtime.</summary>
    public static async Task<TestNetwork> StartAsync(ModelManifest model, byte[] manifest, byte[][] shards, Func<int, WorkerOptions, WorkerOptions>? change = null)
    {
        var network = new TestNetwork(model, shards, []);
        await network.StartAsync(manifest, change, place: true, null, scripted: false);
        return network;
    }

    private async Task StartAsync(byte[] manifest, Func<int, WorkerOptions, WorkerOptions>? change, bool place, TimeProvider? time, bool scripted)
    {
        Manifest = await Blobs.PutAsync(new MemoryStream(manifest));
        foreach (byte[] shard in Shards)
            await Blobs.PutAsync(new MemoryStream(shard));
        for (int i = 0; i < Nodes.Length; i++)
            Nodes[i] = await WorkerHost.StartAsync(change?.Invoke(i, Options(i)) ?? Options(i), scripted ? Loaders[i] : null, Bus, time);
        for (int i = 0; place && i < Nodes.Length; i++)
            await PlaceAsync(i, i);
        for (int i = 0; place && i < Nodes.Length; i++)
            await ReadyAsync(i, i);
    }

    public WorkerOptions Options(int node) => new()
    {
        KeyFile = Path.Combine(folder, $"node{node}.key"),
        Host = $"host-{node}",
        BlobFolder = BlobFolder,
        CacheFolder = CacheFolder(node),
        PlatformKey = Convert.ToHexStringLower(Platform.PublicKey),
        HeartbeatInterval = TimeSpan.FromSeconds(2),
        DrainGrace = Patience,
    };

    public string CacheFolder(int node) => Path.Combine(folder, $"cache{node}");

    public Task PlaceAsync(int node, params int[] stages) =>
        DeliverAsync(node, MessageTypes.Placement, new Placement(1, Nodes[node].Node, Manifest, stages, ++version, DateTimeOffset.UtcNow), ContractsJson.Default.Placement);

    public Task<NodeHeartbeat> ReadyAsync(int node, int stage) =>
        Bus.HeartbeatAsync(Nodes[node].Node, $"stage {stage} ready", b => b.Shards.Any(s => s.Stage == stage && s.State == ShardState.Ready));

    /// <summary>The assignments of one session, one per node, in chain order.</summary>
    public Assignment[] Assignments(string question, int completion = 64, Func<Assignment, Assignment>? change = null)
    {
        var job = JobId.New(TimeProvider.System);
        Hop[] hops = [.. Nodes.Select((n, i) => new Hop(n.Node, Model.Stages[i].Layers, n.DataEndpoint, n.CertificateDigest))];
        var task = new EdgeTask(new Prompt(null, [new ChatMessage("user", question)]), completion, [], false, Digest.Of(Encoding.UTF8.GetBytes(StreamToken)));
        return [.. Nodes.Select((node, i) =>
        {
            var assignment = new Assignment(
                1, node.Node, job, SessionId.Derive(job, 0, 0), 0, 0, Manifest, i, hops, new SamplingParameters(Temperature: 0), 1, Math.Min(Model.ContextLength, ScriptedModel.Context),
                i == 0 ? task : null, null, DateTimeOffset.UtcNow.AddMinutes(5));
            return change?.Invoke(assignment) ?? assignment;
        })];
    }

    public async Task<SessionId> AssignAsync(Assignment[] assignments)
    {
        // The edge first: opens then wait for assignments that have not arrived.
        for (int i = 0; i < assignments.Length; i++)
            await AssignAsync(i, assignments[i]);
        return assignments[0].Session;
    }

    public Task<string> AssignAsync(int node, Assignment assignment) => DeliverAsync(node, MessageTypes.Assignment, assignment, ContractsJson.Default.Assignment);

    public Task<string> CancelAsync(int node, Assignment assignment) =>
        DeliverAsync(node, MessageTypes.Cancellation, new Cancellation(1, Nodes[node].Node, assignment.Session, assignment.ExpiresAt), ContractsJson.Default.Cancellation);

    public async Task<ChainResult> AskAsync(Assignment[] assignments) => await Bus.ResultAsync(await AssignAsync(assignments));

    public Task<string> DeliverAsync<T>(int node, string type, T record, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json, SigningKey? signer = null) =>
        DeliverAsync(node, MessageSigning.Seal(type, record, json, signer ?? Platform));

    /// <summary>Delivers a message as the sidecar would.</summary>
    public async Task<string> DeliverAsync(int node, SignedMessage message)
    {
        string cloudEvent = $$"""{"specversion":"1.0","id":"{{Guid.NewGuid()}}","datacontenttype":"application/json","data":{{JsonSerializer.Serialize(message, ContractsJson.Default.SignedMessage)}}}""";
        using var content = new StringContent(cloudEvent, Encoding.UTF8, "application/cloudevents+json");
        using var response = await http.PostAsync($"http://127.0.0.1:{Nodes[node].AppPort}/work", content);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Posts a message to a node's stream API, as the platform does.</summary>
    public async Task<HttpResponseMessage> PostAsync<T>(int node, string path, string type, T record, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json, SigningKey? signer = null)
    {
        var handler = new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => Digest.Of(presented!.GetRawCertData()) == Nodes[node].CertificateDigest } };
        using var client = new HttpClient(handler);
        using var content = new StringContent(JsonSerializer.Serialize(MessageSigning.Seal(type, record, json, signer ?? Platform), ContractsJson.Default.SignedMessage), Encoding.UTF8, "application/json");
        return await client.PostAsync(new Uri(Nodes[node].StreamEndpoint, path), content);
    }

    /// <summary>Opens a session's stream on the edge.</summary>
    public async Task<HttpResponseMessage> OpenStreamAsync(SessionId session, long from = 0, string? token = null, CancellationToken cancel = default)
    {
        var client = Client(0);
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Nodes[0].StreamEndpoint, $"/sessions/{session}/stream?from={from}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? StreamToken);
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
    }

    /// <summary>Posts bytes to a node's stream listener.</summary>
    public async Task<HttpResponseMessage> PostAsync(int node, string path, byte[] body)
    {
        using var client = Client(node);
        using var content = new ByteArrayContent(body);
        return await client.PostAsync(new Uri(Nodes[node].StreamEndpoint, path), content);
    }

    /// <summary>All events of a stream to its end.</summary>
    public async Task<List<StreamEvent>> ReadStreamAsync(SessionId session, long from = 0)
    {
        using var response = await OpenStreamAsync(session, from);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var events = new List<StreamEvent>();
        while (await reader.ReadLineAsync() is { } line)
            events.Add(JsonSerializer.Deserialize(line, ContractsJson.Default.StreamEvent)!);
        return events;
    }

    /// <summary>Waits until no node has a session, then checks that no cache is left.</summary>
    public async Task ShouldBeFreeAsync()
    {
        for (int i = 0; i < Nodes.Length; i++)
        {
            if (stopped[i])
                continue;
            // Every end of a session is followed by a heartbeat; the interval covers one that was already reported.
            await Bus.HeartbeatAsync(Nodes[i].Node, "no sessions", b => b.ActiveSessions == 0 && Nodes[i].ActiveSessions == 0);
            Loaders[i].OpenCaches.ShouldBe(0);
        }
    }

    public async Task StopAsync(int node)
    {
        stopped[node] = true;
        await Nodes[node].DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes)
        {
            if (node is not null)
                await node.DisposeAsync();
        }

        http.Dispose();
        Platform.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private HttpClient Client(int node) => new(new SocketsHttpHandler
    {
        SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => Digest.Of(presented!.GetRawCertData()) == Nodes[node].CertificateDigest },
    });

    private static byte[] SHA256Of(string text) => System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
