using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Answers;
using Orchestrator.Gateway.Blobs;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Nodes;
using Orchestrator.Gateway.Platform;
using Orchestrator.Gateway.Tls;
using Orchestrator.Relay.Server;
using Orchestrator.Telemetry;

namespace Orchestrator.Gateway.Hosting;

/// <summary>A running gateway: the nodes' port with gRPC and blobs, the port of the health checks, and that of the relay where there is one.</summary>
public sealed class GatewayHost : IAsyncDisposable
{
    private readonly GatewayOptions options;
    private readonly TimeProvider time;
    private readonly CertificateFiles certificates;
    private readonly WebApplication app;
    private readonly NodeTable nodes;
    private readonly RegisteredNodes registered;
    private readonly Listeners listeners = new();
    private readonly HttpClient http = new();
    // An answer takes as long as its node is allowed to send; its connection's own rate limit ends who dawdles.
    private readonly HttpClient answering = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly IPlatform platform;
    private RelayServer? relay;
    private int disposed;

    private GatewayHost(GatewayOptions options, IPlatform? platform, TimeProvider time, IConfiguration? configuration)
    {
        (this.options, this.time) = (options, time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (configuration is not null)
            builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        if (configuration is not null)
            builder.Logging.AddConfiguration(configuration.GetSection("Logging"));
        builder.Services.AddRoutingCore();
        builder.Services.AddOrchestratorTelemetry(builder.Configuration, "orchestrator-gateway");
        builder.Services.AddDaprClient();
        builder.Services.AddGrpc(grpc =>
        {
            // The envelope beside the payload.
            grpc.MaxReceiveMessageSize = SignedMessage.MaxPayload + 1024;
            grpc.MaxSendMessageSize = SignedMessage.MaxPayload + 1024;
        });

        var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        var tokens = new SessionTokens(SessionTokens.Secret(options.TokenKeyFile), options.TokenLifetime, time);
        nodes = new NodeTable(options, (node, cancel) => registered!.AskAsync(node, cancel), random, time);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(tokens);
        builder.Services.AddSingleton(nodes);
        builder.Services.AddSingleton(new NodeLimits(options, time));
        builder.Services.AddSingleton(new LoginCheck(options.Names, () => certificates!.Current.Leaf, options.ClockSkew, time));
        builder.Services.AddSingleton(services => platform ?? new DaprPlatform(
            services.GetRequiredService<Dapr.Client.DaprClient>(), ControlPlaneUpstream.Of(options.NodesUrl, "api/nodes", services.GetRequiredService<IConfiguration>()),
            services.GetRequiredService<IConfiguration>(), random, time, services.GetRequiredService<ILogger<DaprPlatform>>()));
        builder.Services.AddSingleton<NodeGatewayService>();
        builder.WebHost.UseKestrel(Configure);
        app = builder.Build();
        certificates = new CertificateFiles(options, time, app.Services.GetRequiredService<ILogger<CertificateFiles>>());
        this.platform = app.Services.GetRequiredService<IPlatform>();
        IBlobs blobs = options.BlobUrl is { } url ? new UpstreamBlobs(http, url, options.BlobKeyFile) : new FolderBlobs(options.BlobFolder!);
        registered = new RegisteredNodes(nodes, this.platform, 2 * options.MaxNodes);
        var downloads = new BlobEndpoint(blobs, tokens, registered, options.DownloadsPerNode);
        var answers = new AnswerEndpoint(answering, ControlPlaneUpstream.Of(options.AnswerUrl, "api/demands", app.Configuration), tokens, options.MaxAnswerBytes);
        app.MapWhen(context => context.Connection.LocalPort == NodePort, branch => branch.UseRouting().UseEndpoints(routes =>
        {
            routes.MapGrpcService<NodeGatewayService>();
            downloads.Map(routes);
            answers.Map(routes);
        }));
        app.MapWhen(context => context.Connection.LocalPort == HealthPort, branch => branch.UseRouting().UseEndpoints(routes =>
            HealthEndpoints.Map(routes, nodes, this.platform, () => relay, time)));
    }

    /// <summary>Port of the nodes.</summary>
    public int NodePort => listeners.Nodes!.IPEndPoint!.Port;

    /// <summary>Port of the health checks.</summary>
    public int HealthPort => listeners.Health!.IPEndPoint!.Port;

    /// <summary>Port of the relay; null without one.</summary>
    public int? RelayPort => relay?.Port;

    internal RelayServer? Relay => relay;

    /// <summary>SHA-256 of the certificate that new connections are shown.</summary>
    public Digest CertificateDigest => certificates.Current.Digest;

    /// <summary>Nodes with a stream.</summary>
    public int ConnectedNodes => nodes.Count;

    /// <summary>Starts a gateway that speaks to the Dapr sidecar.</summary>
    /// <exception cref="InvalidDataException">The options are not valid; the message lists everything that is wrong.</exception>
    public static Task<GatewayHost> StartAsync(GatewayOptions options, IConfiguration? configuration = null) =>
        StartAsync(options, null, TimeProvider.System, configuration);

    internal static async Task<GatewayHost> StartAsync(GatewayOptions options, IPlatform? platform, TimeProvider time, IConfiguration? configuration = null)
    {
        if (GatewayOptionsCheck.Errors(options) is { Count: > 0 } errors)
            throw new InvalidDataException(string.Join(Environment.NewLine, errors));
        var host = new GatewayHost(options, platform, time, configuration);
        try
        {
            host.OpenRelay();
            await host.app.StartAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends the nodes to other gateways and waits until what they were given is settled.</summary>
    public Task DrainAsync() => nodes.DrainAsync();

    /// <summary>Stops at once: streams break, and the broker delivers again what was not settled.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        using (var now = new CancellationTokenSource(TimeSpan.Zero, time))
            await app.StopAsync(now.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
        if (relay is not null)
            await relay.DisposeAsync();
        certificates.Dispose();
        http.Dispose();
        answering.Dispose();
    }

    private void OpenRelay()
    {
        if (!options.Relay.Enabled)
            return;
        relay = new RelayServer(options.Relay.For(options.Address), () => certificates.Context, new GatewayAdmission(nodes, registered, options.Relay), time);
        relay.Start();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = SignedMessage.MaxPayload + 4096;
        kestrel.Limits.MaxConcurrentConnections = options.MaxNodes * 4L;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 32;
        kestrel.Limits.Http2.KeepAlivePingDelay = options.Silence;
        var places = new AddressPlaces(options.MaxConnectionsPerAddress);
        kestrel.Listen(options.Address, options.NodePort, listen =>
        {
            listeners.Nodes = listen;
            listen.Protocols = HttpProtocols.Http1AndHttp2;
            listen.Use(next => context => AdmitAsync(context, next, places));
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ => ValueTask.FromResult(new System.Net.Security.SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificates.Context,
                    EnabledSslProtocols = SslProtocols.Tls13,
                }),
                HandshakeTimeout = TimeSpan.FromSeconds(10),
            });
            listen.Use(next => context => NodeConnection.WatchAsync(context, next, options.LoginPatience, time));
        });
        kestrel.Listen(options.Address, options.HealthPort, listen =>
        {
            listeners.Health = listen;
            listen.Protocols = HttpProtocols.Http1;
        });
    }

    private static async Task AdmitAsync(ConnectionContext context, ConnectionDelegate next, AddressPlaces places)
    {
        var address = AddressPlaces.Of((context.RemoteEndPoint as IPEndPoint)?.Address);
        if (!places.TryTake(address))
        {
            GatewayTelemetry.Refused("address");
            context.Abort(new ConnectionAbortedException("Its address has too many connections."));
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            places.GiveBack(address);
        }
    }

    // Kestrel writes the bound port back into the options it was given.
    private sealed class Listeners
    {
        public ListenOptions? Nodes { get; set; }

        public ListenOptions? Health { get; set; }
    }
}
