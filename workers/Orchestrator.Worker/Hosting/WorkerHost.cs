using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Offline;
using Orchestrator.Relay.Client;
using Orchestrator.Telemetry;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;
using Orchestrator.Worker.Availability;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Dispatch;
using Orchestrator.Worker.Disputes;
using Orchestrator.Worker.Edge;
using Orchestrator.Worker.Evidence;
using Orchestrator.Worker.Gateway;
using Orchestrator.Worker.Identity;
using Orchestrator.Worker.Intake;
using Orchestrator.Worker.Links;
using Orchestrator.Worker.Platform;
using Orchestrator.Worker.Sessions;
using Orchestrator.Worker.Shards;
using Orchestrator.Worker.Timings;

namespace Orchestrator.Worker.Hosting;

/// <summary>A running node: one web server for sidecar and streams, the data plane beside it, around shards and sessions.</summary>
public sealed class WorkerHost : IAsyncDisposable
{
    // A runtime that hangs must not keep the process.
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly SigningKey key;
    private readonly NodeCertificate certificate;
    private readonly BlobCache cache;
    // An address that swallows packets must not hold an answer up for as long as the system would wait.
    private readonly HttpClient http = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) });
    private readonly ShardKeeper shards;
    private readonly EvidenceStore evidence;
    private readonly NodeGauges gauges;
    private readonly SessionTable sessions;
    private readonly TaskDesk desk;
    private readonly TaskDesk availability;
    private readonly TraceDesk traces;
    private readonly WebApplication app;
    private readonly NodeReporter reporter;
    private readonly GatewayLink? gateway;
    private readonly GatewayDoors? doors;
    private readonly WorkIntake intake;
    private readonly CancellationTokenSource stopReporting = new();
    private readonly WorkerOptions options;
    private readonly TimeProvider time;
    private readonly Listeners listeners = new();
    private readonly ExecutionClass executionClass;
    private IncomingLinks? incoming;
    private RelayHome? relay;
    private GpuCapability? gpu;
    private Task reporting = Task.CompletedTask;
    private int disposed;

    private WorkerHost(WorkerOptions options, IStageLoader? loader, IPlatformBus? bus, TimeProvider time, IConfiguration? configuration, IModelRuntime? runtime, Func<IPlatformBus, IPlatformBus>? around,
        Func<IPassCommitter, IPassCommitter>? aroundCommitter, Func<SamplingParameters, SamplingParameters>? terms)
    {
        (this.options, this.time) = (options, time);
        key = SigningKey.LoadOrCreate(options.KeyFile);
        certificate = NodeCertificate.Create(key.Node, time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (configuration is not null)
            builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        if (configuration is not null)
            builder.Logging.AddConfiguration(configuration.GetSection("Logging"));
        if (configuration is not null)
            builder.Services.AddOrchestratorTelemetry(configuration, "orchestrator-worker", new Dictionary<string, string> { ["orchestrator.node.id"] = key.Node.Value, ["orchestrator.node.region"] = options.Region });
        builder.Services.AddRoutingCore();
        builder.Services.AddDaprClient();
        builder.WebHost.UseKestrel(Configure);
        app = builder.Build();

        var log = app.Services.GetRequiredService<ILoggerFactory>();
        if (bus is null && options.GatewayUrl is { Length: > 0 } addresses && GatewayTarget.TryParse("Worker:GatewayUrl", addresses, options.GatewayCertificate, out var target, out _))
        {
            var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
            gateway = new GatewayLink(target!.InOrderOf(key.Node), key, options.MaxSessions, random, time, log.CreateLogger<GatewayLink>(), () => sessions!.Active == 0 && relay is not { IsUp: false });
            bus = new GatewayPlatformBus(gateway);
        }

        bus ??= new DaprPlatformBus(app.Services.GetRequiredService<Dapr.Client.DaprClient>());
        bus = around?.Invoke(bus) ?? bus;
        loader ??= new OnnxStageLoader(new OnnxOptions(IntraOpThreads: options.Threads));
        executionClass = loader.Class;
        if (options.BlobsByGateway && GatewayTarget.TryParse("Worker:BlobGatewayUrl", options.BlobGatewayUrl!, options.GatewayCertificate, out var blobs, out _))
            doors = new GatewayDoors(blobs!.InOrderOf(key.Node), key, time);
        IBlobStore store = options.BlobUrl is { } url ? new HttpBlobStore(http, url)
            : options.BlobFolder is { Length: > 0 } folder ? new FolderBlobStore(folder)
            : new GatewayBlobStore(doors ?? (GatewayWay?)gateway ?? throw new InvalidDataException("Without Worker:BlobFolder, Worker:BlobUrl or Worker:BlobGatewayUrl blobs come from Worker:GatewayUrl, which a given bus replaces."), time);
        cache = new BlobCache(store, options.CacheFolder, options.CacheBytes, time);
        var memory = new MemoryBudget(options.MemoryBytes);
        var streams = new StreamDirectory(time);
        var files = new ModelFiles(cache);
        shards = new ShardKeeper(files, loader, memory, time, log.CreateLogger<ShardKeeper>());
        evidence = new EvidenceStore(
            EvidenceFolder(options, key.Node),
            options.EvidenceBytes,
            options.EvidenceRetention,
            time,
            log.CreateLogger<EvidenceStore>());
        gauges = new NodeGauges(memory, evidence);
        var outbox = new Outbox(bus, time, log.CreateLogger<Outbox>());
        var timings = new TimingStore(TimingStore.DefaultPasses, time);
        sessions = new SessionTable(key, certificate, shards, memory, streams, evidence, outbox, options.MaxSessions, time, log.CreateLogger<SessionTable>(), timings,
            options.PassLogFolder is { Length: > 0 } passes ? new PassLog(passes) : null, aroundCommitter, terms);
        reporter = new NodeReporter(bus, key, Describe, Beat, options.HeartbeatInterval, time, log.CreateLogger<NodeReporter>());
        shards.Changed += reporter.Changed;
        sessions.Changed += reporter.Changed;
        byte[] platformKey = Convert.FromHexString(options.PlatformKey);
        runtime ??= new OnnxModelRuntime();
        // Traces run on the CPU, whatever serves sessions: the class is asked for only when there is a dispute.
        var traced = new Lazy<ExecutionClass>(() => new OnnxStageLoader(new OnnxOptions(ProviderPreference.Cpu)).Class);
        desk = new TaskDesk(time);
        traces = new TraceDesk(key, runtime, () => traced.Value, files, memory, evidence, cache, time, log.CreateLogger<TraceDesk>());
        var audits = new AuditDesk(key, loader.Class, shards, memory, cache, desk, outbox, time, log.CreateLogger<AuditDesk>());
        var referee = options.Referee
            ? new RefereeDesk(key, runtime, () => traced.Value, files, memory, cache, desk, outbox, time, log.CreateLogger<RefereeDesk>())
            : null;
        var disputes = new DisputeEndpoint(key.Node, platformKey, traces, time);
        var admission = new EvidenceAdmission(key.Node, platformKey, time);
        // Beside audits, which may run for long: a demand must not wait for one.
        availability = new TaskDesk(time);
        var answers = new AnswerClient(http, key, time, gateway is null ? null : new GatewayAnswers(gateway, time));
        var demands = new DemandDesk(key.Node, evidence, answers, availability, time, log.CreateLogger<DemandDesk>());
        var door = new DoorDesk(key.Node, answers, availability, log.CreateLogger<DoorDesk>());
        var witness = new WitnessDesk(key, answers, new PeerClients(new RelayDialer(key), time), availability, outbox, time, log.CreateLogger<WitnessDesk>());
        intake = new WorkIntake(key.Node, platformKey, shards, sessions, audits, referee, demands, door, witness, log.CreateLogger<WorkIntake>());
        if (options.HealthPort > 0)
            app.MapWhen(http => http.Connection.LocalPort == options.HealthPort, branch => branch.UseRouting().UseEndpoints(routes => HealthEndpoints.Map(routes, ReadyProblem)));
        app.MapWhen(http => listeners.App is not null && http.Connection.LocalPort == AppPort, branch => branch.UseRouting().UseEndpoints(routes => WorkEndpoints.Map(routes, key.Node, options.AppApiToken, intake)));
        app.MapWhen(http => http.Connection.LocalPort == StreamPort, branch => branch.UseRouting().UseEndpoints(routes =>
        {
            Edge.StreamEndpoint.Map(routes, streams);
            EvidenceEndpoint.Map(routes, evidence, admission);
            disputes.Map(routes);
            TimingsEndpoint.Map(routes, key.Node, platformKey, timings, time);
        }));
    }

    /// <summary>The node.</summary>
    public NodeId Node => key.Node;

    /// <summary>Port of the listener for the sidecar, on loopback; 0 when the node joins through a gateway.</summary>
    public int AppPort => listeners.App?.IPEndPoint!.Port ?? 0;

    /// <summary>Port of the stream API.</summary>
    public int StreamPort => listeners.Stream!.IPEndPoint!.Port;

    /// <summary><c>host:port</c> of the data plane.</summary>
    public string DataEndpoint => $"{Advertised}:{incoming!.Port}";

    /// <summary>Base address of the stream API.</summary>
    public Uri StreamEndpoint => new($"https://{Advertised}:{StreamPort}");

    /// <summary>SHA-256 of the certificate both present.</summary>
    public Digest CertificateDigest => certificate.Digest;

    /// <summary>Sessions open now.</summary>
    public int ActiveSessions => sessions.Active;

    /// <summary>Every shard the node holds or is getting.</summary>
    public IReadOnlyList<ShardStatus> Shards => shards.Status();

    private string Advertised => options.AdvertiseAddress.Contains(':') ? $"[{options.AdvertiseAddress}]" : options.AdvertiseAddress;

    /// <summary>Where a node keeps the evidence of its ended sessions.</summary>
    public static string EvidenceFolder(WorkerOptions options, NodeId node) => options.EvidenceFolder ?? Path.Combine(options.CacheFolder, "evidence", node.Value);

    /// <summary>Starts a node.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="loader">Loads shards; ONNX Runtime when null.</param>
    /// <param name="bus">The way to the platform; the Dapr sidecar when null.</param>
    /// <param name="time">The clock; the system's when null.</param>
    /// <param name="configuration">Settings of Dapr and logging; the environment's when null.</param>
    /// <param name="runtime">Traces disputed stages and runs single operators; ONNX Runtime when null.</param>
    /// <param name="around">Put around the way to the platform; null leaves it as it is.</param>
    /// <param name="aroundCommitter">Put around what every choice is committed with; null leaves it as it is. For a benchmark: a node that commits to nothing earns nothing.</param>
    /// <param name="terms">What tokens are drawn by, of what the assignment says; null for just that. For a drill: draws by other terms lose their dispute.</param>
    /// <exception cref="InvalidDataException">The options are not valid; the message lists everything that is wrong.</exception>
    public static async Task<WorkerHost> StartAsync(
        WorkerOptions options,
        IStageLoader? loader = null,
        IPlatformBus? bus = null,
        TimeProvider? time = null,
        IConfiguration? configuration = null,
        IModelRuntime? runtime = null,
        Func<IPlatformBus, IPlatformBus>? around = null,
        Func<IPassCommitter, IPassCommitter>? aroundCommitter = null,
        Func<SamplingParameters, SamplingParameters>? terms = null)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new InvalidDataException(string.Join(Environment.NewLine, errors));
        var host = new WorkerHost(options, loader, bus, time ?? TimeProvider.System, configuration, runtime, around, aroundCommitter, terms);
        try
        {
            host.gpu = await GpuIdentity.ReadAsync(options, host.executionClass, host.time, host.app.Services.GetRequiredService<ILogger<WorkerHost>>());
            host.incoming = new IncomingLinks(options.ListenAddress, options.DataPort, host.certificate, host.sessions, host.time);
            host.incoming.Start();
            await host.app.StartAsync();
            host.OpenRelay();
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        host.gateway?.Start(host.intake.Accept);
        host.reporting = host.reporter.RunAsync(host.stopReporting.Token);
        return host;
    }

    /// <summary>Takes no new sessions, lets running ones end, at most for <see cref="WorkerOptions.DrainGrace"/>.</summary>
    public async Task DrainAsync(CancellationToken hurry = default)
    {
        var idle = sessions.DrainAsync();
        app.Services.GetRequiredService<ILogger<WorkerHost>>().Draining(sessions.Active, options.DrainGrace);
        await idle.WaitAsync(options.DrainGrace, time, hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Stops at once: sessions that still run fail.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        await sessions.DisposeAsync();
        await availability.DisposeAsync().AsTask().WaitAsync(StopLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await desk.DisposeAsync().AsTask().WaitAsync(StopLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await traces.DisposeAsync().AsTask().WaitAsync(StopLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (incoming is not null)
            await incoming.DisposeAsync();
        if (relay is not null)
            await relay.DisposeAsync();
        await stopReporting.CancelAsync();
        await reporting;
        if (gateway is not null)
            await gateway.DisposeAsync();
        using (var now = new CancellationTokenSource(TimeSpan.Zero, time))
            await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
        await shards.DisposeAsync().AsTask().WaitAsync(StopLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        doors?.Dispose();
        gauges.Dispose();
        evidence.Dispose();
        cache.Dispose();
        http.Dispose();
        certificate.Dispose();
        key.Dispose();
        stopReporting.Dispose();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = WorkEndpoints.MaxBody;
        if (!options.JoinsByGateway)
            kestrel.Listen(IPAddress.Loopback, options.AppPort, listen =>
            {
                listeners.App = listen;
                listen.Protocols = HttpProtocols.Http1;
            });
        if (options.HealthPort > 0)
            kestrel.Listen(IPAddress.IPv6Any, options.HealthPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.Listen(options.ListenAddress, options.StreamPort, listen =>
        {
            listeners.Stream = listen;
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate.Certificate,
                SslProtocols = SslProtocols.Tls13,
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            });
        });
    }

    private string? ReadyProblem() =>
        sessions.Draining ? "draining"
        : gateway is { IsUp: false } ? "no gateway has joined this node: its log says why"
        : !options.Direct && relay is not { IsUp: true } ? "no relay has registered this node, and nothing else reaches it: its log says why"
        : null;

    private void OpenRelay()
    {
        if (options.Relay is not { Length: > 0 })
            return;
        // A listener on every address is reached by loopback too.
        var stream = new IPEndPoint(IPAddress.IsLoopback(options.ListenAddress) ? options.ListenAddress : IPAddress.Loopback, StreamPort);
        relay = new RelayHome(new RelayDialer(key), incoming!, stream, time);
        var log = app.Services.GetRequiredService<ILogger<WorkerHost>>();
        relay.Changed += (up, detail) =>
        {
            if (up)
                log.RelayUp(detail);
            else
                log.RelayDown(detail);
        };
        if (options.RelayEndpoint is { } endpoint)
        {
            relay.MoveTo(endpoint);
            return;
        }

        // Peers learn of a relay only once it has the node.
        relay.Moved += reporter.RecordChanged;
        gateway!.Joined += (door, left) => relay.MoveTo(door.Relay(options.GatewayRelayPort), left);
    }

    // Nothing, while it can be said of no address that it leads here.
    private NodeRecord? Describe(DateTimeOffset at)
    {
        var through = options.RelayEndpoint ?? relay?.Endpoint;
        return through is null && !options.Direct ? null : new NodeRecord(
            through is null ? NodeRecord.CurrentSchema : NodeRecord.RelaySchema,
            Node,
            options.Host,
            options.Region,
            options.Direct ? DataEndpoint : "",
            options.Direct ? StreamEndpoint : RelayEndpoint.HiddenStream(Node),
            certificate.Digest,
            new NodeCapability(options.MemoryBytes, Environment.ProcessorCount, options.MaxSessions, executionClass, gpu),
            options.PricePerLayerToken,
            at,
            through);
    }

    private NodeHeartbeat Beat(long sequence, DateTimeOffset at) =>
        new(NodeHeartbeat.CurrentSchema, Node, sequence, shards.Status(), sessions.Active, sessions.Draining, at);

    // Kestrel writes the bound port back into the options it was given.
    private sealed class Listeners
    {
        public ListenOptions? App { get; set; }

        public ListenOptions? Stream { get; set; }
    }
}
