using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Dapr;
using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.Sidecar;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>
/// Nodes without a model: real keys, topics, signatures, TLS and stream API by the wire contract; the answer is an echo. What each chain does is decided by
/// a script.
/// </summary>
internal sealed class FakeNetwork : IAsyncDisposable
{
    public static readonly ExecutionClass Class = new("fake/1", "cpu", "disabled", "fma");

    /// <summary>One that no referee has.</summary>
    public static readonly ExecutionClass OtherClass = Class with { Runtime = "other/1" };

    /// <summary>Another that no referee has.</summary>
    public static readonly ExecutionClass ThirdClass = Class with { Runtime = "third/1" };

    private readonly ConcurrentDictionary<(NodeId, SessionId), FakeSession> sessions = new();
    private readonly ConcurrentDictionary<(NodeId, SessionId), bool> cancelled = new();
    private readonly Dictionary<NodeId, FakeNode> byId;
    private readonly CancellationTokenSource stop = new();
    private WebApplication web = null!;
    private DaprClient dapr = null!;
    private Uri streams = null!;
    private Digest certificate;
    private FakeModel model = null!;

    private FakeNetwork(int count)
    {
        Nodes = [.. Enumerable.Range(0, count).Select(i => new FakeNode(i, $"host-{i}", SigningKey.FromSeed(SHA256.HashData(Encoding.ASCII.GetBytes($"node {i}")))))];
        byId = Nodes.ToDictionary(n => n.Id);
    }

    public IReadOnlyList<FakeNode> Nodes { get; }

    /// <summary>Key of a referee, which is registered nowhere.</summary>
    public static readonly SigningKey RefereeKey = SigningKey.FromSeed(SHA256.HashData("referee"u8));

    /// <summary>The model's stages.</summary>
    public FakeStages Stages { get; private set; } = null!;

    /// <summary>What nodes do when they are checked.</summary>
    public FakeCourt Court { get; private set; } = null!;

    /// <summary>What nodes do when evidence is demanded.</summary>
    public FakeWitnesses Witnesses { get; private set; } = null!;

    /// <summary>What a chain does; asked once per session.</summary>
    public Func<Assignment, Script> Behave { get; set; } = _ => Script.Honest;

    public Recorder<Assignment> Assignments { get; } = new();

    public Recorder<Cancellation> Cancellations { get; } = new();

    public Recorder<Placement> Placements { get; } = new();

    public Recorder<FakeSession> Sessions { get; } = new();

    public static async Task<FakeNetwork> StartAsync(SidecarHost sidecar, int count, FakeModel model, string blobFolder)
    {
        var network = new FakeNetwork(count) { model = model, Stages = await FakeStages.LoadAsync(model) };
        network.Court = new FakeCourt(network, digest => new FolderBlobStore(blobFolder).OpenAsync(digest));
        network.Witnesses = new FakeWitnesses(network);
        var served = await sidecar.AddAppAsync(new AppOptions { AppId = "nodes" });
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fake", key, HashAlgorithmName.SHA256);
        var cert = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        network.certificate = Digest.Of(cert.RawData);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(cert));
        });
        network.web = builder.Build();
        network.dapr = new DaprClientBuilder().UseHttpEndpoint(served.HttpEndpoint.ToString()).UseGrpcEndpoint(served.GrpcEndpoint.ToString()).Build();
        network.web.Use(async (http, next) =>
        {
            if (http.Request.IsHttps && network.Nodes.Any(n => (n.Deaf || n.Lost) && http.Request.Path.StartsWithSegments($"/{n.Id}")))
                http.Abort();
            else
                await next(http);
        });
        network.web.UseRouting();
        network.web.MapPost("/{node}/work", network.WorkAsync);
        network.web.MapGet("/dapr/subscribe", () => Results.Json(network.Nodes.Select(n => n.Id).Append(RefereeKey.Node).Select(n => new { pubsubname = Topics.PubSub, topic = Topics.Work(n), route = $"{n}/work" })));
        network.web.MapPost("/{node}/evidence", network.Court.EvidenceAsync);
        network.web.MapPost("/{node}/disputes", network.Court.TraceAsync);
        network.web.MapGet("/{node}/sessions/{session}/stream", network.StreamAsync);
        await network.web.StartAsync();
        var addresses = network.web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(a => new Uri(a)).ToList();
        network.streams = addresses.Single(a => a.Scheme == "https");
        sidecar.ConnectApp("nodes", addresses.Single(a => a.Scheme == "http"));
        await sidecar.WhenReadyAsync("nodes").WaitAsync(TimeSpan.FromSeconds(30));
        return network;
    }

    public async Task RegisterAsync()
    {
        foreach (var node in Nodes)
            await RegisterAsync(node);
    }

    public Task RegisterAsync(FakeNode node) =>
        PublishAsync(Topics.Nodes, MessageSigning.Seal(MessageTypes.NodeRecord, node.Record(streams, certificate, DateTimeOffset.UtcNow), ContractsJson.Default.NodeRecord, node.Key));

    public async Task BeatAsync()
    {
        foreach (var node in Nodes.Where(n => !n.Lost))
            await BeatAsync(node);
    }

    /// <summary>Lets all nodes beat on and on, as real ones do, until that is cancelled.</summary>
    public async Task BeatOnAsync(CancellationToken enough)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        try
        {
            while (await timer.WaitForNextTickAsync(enough))
                await BeatAsync();
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    public Task BeatAsync(FakeNode node) =>
        PublishAsync(Topics.Nodes, MessageSigning.Seal(MessageTypes.NodeHeartbeat, node.Heartbeat(DateTimeOffset.UtcNow), ContractsJson.Default.NodeHeartbeat, node.Key));

    /// <summary>Publishes until the broker has it, as nodes do.</summary>
    public async Task PublishAsync(string topic, SignedMessage message)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage);
        while (true)
        {
            try
            {
                await dapr.PublishByteEventAsync(Topics.PubSub, topic, bytes, "application/json", cancellationToken: stop.Token);
                return;
            }
            catch (DaprException) when (!stop.IsCancellationRequested)
            {
                await Task.Delay(10, stop.Token);
            }
        }
    }

    public FakeNode Node(NodeId id) => byId[id];

    /// <summary>What a node of the chain does to a session that opens: refuse it, or be gone; null when all take it.</summary>
    public ChainFailure? Refusal(Assignment assignment) =>
        assignment.Hops.ToList().FindIndex(h => Node(h.Node).Draining) is >= 0 and var stage
            ? new ChainFailure(FailureCodes.Refused, $"Stage {stage} refused: the node is draining.", stage)
            : Loss(assignment);

    /// <summary>What breaks a running session: a stage that is gone; null while all are there.</summary>
    public ChainFailure? Loss(Assignment assignment) =>
        assignment.Hops.ToList().FindIndex(h => Node(h.Node).Lost) is >= 0 and var stage
            ? new ChainFailure(FailureCodes.Unreachable, $"Stage {stage} is gone.", stage)
            : null;

    /// <summary>Class of a node or of the referee.</summary>
    public ExecutionClass ClassOf(NodeId id) => byId.TryGetValue(id, out var node) ? node.Class : Class;

    /// <summary>Key of a node or of the referee.</summary>
    public SigningKey KeyOf(NodeId id) => id == RefereeKey.Node ? RefereeKey : byId[id].Key;

    /// <summary>Digest of a stage's shard, as honest nodes put it on receipts.</summary>
    public Digest Shard(int stage) => model.Manifest.Stages[stage].Blob;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        foreach (var session in sessions.Values)
            await session.Cancelled.CancelAsync();
        await web.DisposeAsync();
        dapr.Dispose();
        Witnesses.Dispose();
    }

    private async Task WorkAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var root = body.RootElement;
        var message = (root.TryGetProperty("data", out var data) ? data : root).Deserialize(ContractsJson.Default.SignedMessage)!;
        switch (message.Type)
        {
            case MessageTypes.Placement when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.Placement, out var placement, out _):
                await PlaceAsync(placement);
                break;
            case MessageTypes.Cancellation when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.Cancellation, out var cancellation, out _):
                // Remembered, as nodes do: the assignment may come later, or once more.
                cancelled[(cancellation.Node, cancellation.Session)] = true;
                if (sessions.TryRemove((cancellation.Node, cancellation.Session), out var ended))
                    await ended.Cancelled.CancelAsync();
                Cancellations.Add(cancellation);
                break;
            case MessageTypes.Assignment when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.Assignment, out var assignment, out _):
                Start(assignment);
                break;
            case MessageTypes.AuditTask when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.AuditTask, out var audit, out _):
                _ = Task.Run(() => Court.AuditAsync(audit));
                break;
            case MessageTypes.RefereeTask when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.RefereeTask, out var referee, out _):
                _ = Task.Run(() => Court.JudgeAsync(referee));
                break;
            case MessageTypes.EvidenceDemand when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.EvidenceDemand, out var demand, out _):
                _ = Task.Run(() => Witnesses.AnswerAsync(demand));
                break;
            case MessageTypes.DoorCheck when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.DoorCheck, out var check, out _):
                _ = Task.Run(() => Witnesses.KnockAsync(check));
                break;
            case MessageTypes.WitnessTask when MessageSigning.TryOpen(message, message.Type, ContractsJson.Default.WitnessTask, out var witness, out _):
                _ = Task.Run(() => Witnesses.LookAsync(witness));
                break;
        }
    }

    private async Task PlaceAsync(Placement placement)
    {
        var node = byId[placement.Node];
        lock (node.Shards)
        {
            node.Shards.RemoveWhere(s => s.Manifest == placement.Manifest);
            node.Shards.UnionWith(placement.Stages.Select(s => (placement.Manifest, s)));
        }

        Placements.Add(placement);
        await BeatAsync(node);
    }

    private void Start(Assignment assignment)
    {
        Assignments.Add(assignment);
        if (assignment.Edge is null || Node(assignment.Node).Lost)
            return;
        var script = Behave(assignment);
        var session = new FakeSession(assignment, script, this);
        if (script.Silent || cancelled.ContainsKey((assignment.Node, assignment.Session)) || !sessions.TryAdd((assignment.Node, assignment.Session), session))
            return;
        session.Running = Task.Run(() => RunAsync(session));
        Sessions.Add(session);
        if (cancelled.ContainsKey((assignment.Node, assignment.Session)))
            session.Cancelled.Cancel();
    }

    private async Task RunAsync(FakeSession session)
    {
        ChainResult? result;
        try
        {
            result = await session.RunAsync();
        }
        catch (OperationCanceledException)
        {
            return;
        }

        if (result is null || session.Script.Withhold)
            return;
        var message = MessageSigning.Seal(
            MessageTypes.ChainResult, session.Script.Forge?.Invoke(result) ?? result, ContractsJson.Default.ChainResult, byId[session.Assignment.Node].Key);
        for (int copy = 0; copy < session.Script.Copies; copy++)
            await PersistAsync(Topics.Results, message);
    }

    /// <summary>Publishes until the sidecar takes it, as a node's outbox does.</summary>
    public async Task PersistAsync(string topic, SignedMessage message)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await PublishAsync(topic, message);
                return;
            }
            catch (Dapr.DaprException)
            {
                await Task.Yield();
            }
        }
    }

    private async Task StreamAsync(HttpContext http, string node, string session)
    {
        if (!NodeId.TryParse(node, out var id) || !SessionId.TryParse(session, out var key))
            throw new BadHttpRequestException("not a session");
        long from = long.Parse(http.Request.Query["from"].ToString());
        string token = http.Request.Headers.Authorization.ToString()["Bearer ".Length..];
        FakeSession? found = null;
        // Held back for as long as whoever asks waits: the assignment may be on its way.
        while (!sessions.TryGetValue((id, key), out found) && !cancelled.ContainsKey((id, key)))
            await Task.Delay(10, http.RequestAborted);
        if (found is null || found.Gone || Digest.Of(Encoding.ASCII.GetBytes(token)) != found.Assignment.Edge!.StreamTokenDigest)
        {
            http.Response.StatusCode = 404;
            return;
        }

        await http.Response.StartAsync();
        await http.Response.Body.FlushAsync();
        int sent = 0;
        while (await found.ReadAsync(from, http.RequestAborted) is { } batch)
        {
            foreach (var item in batch)
            {
                await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(item, ContractsJson.Default.StreamEvent), http.RequestAborted);
                await http.Response.Body.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
                await http.Response.Body.FlushAsync(http.RequestAborted);
                from++;
                if (item.Last)
                    return;
                if (++sent == found.Script.CutEvery)
                {
                    http.Abort();
                    return;
                }
            }
        }

        http.Abort();
    }
}
