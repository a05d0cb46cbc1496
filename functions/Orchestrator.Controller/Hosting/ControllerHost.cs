using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Leading;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Reconciling;

namespace Orchestrator.Controller.Hosting;

/// <summary>A running controller: health endpoints, and the election around the leader's work.</summary>
public sealed class ControllerHost : IAsyncDisposable
{
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(5);

    private readonly WebApplication app;
    private readonly Services services;
    private readonly CancellationTokenSource stopping = new();
    private readonly LeaderLease lease;
    private readonly Leader leader;
    private Task<bool> running = Task.FromResult(true);

    private ControllerHost(ControllerOptions options, Kubernetes kubernetes, INodeProbe? probe, HttpMessageHandler? sources, Func<double> random, TimeProvider time, IConfiguration? configuration)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        if (configuration is not null)
            builder.Configuration.AddConfiguration(configuration);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        if (configuration is not null)
            builder.Logging.AddConfiguration(configuration.GetSection("Logging"));
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(options.HealthPort);
        });
        app = builder.Build();
        var logs = app.Services.GetRequiredService<ILoggerFactory>();
        services = new Services(options, kubernetes, probe ?? new TlsNodeProbe(DesiredState.StreamPort, ProbeLimit, time), sources, time, logs);
        lease = new LeaderLease(kubernetes, options, logs.CreateLogger<LeaderLease>());
        leader = new Leader(services, options, random, time, logs);
        // A process that waits for the lease is as ready as one that leads: it takes over within the lease's duration.
        app.MapGet("/healthz", () => running.IsCompleted ? Results.Text("stopped", statusCode: 503) : Results.Text("ok"));
        app.MapGet("/readyz", () => running.IsCompleted || stopping.IsCancellationRequested ? Results.Text("stopping", statusCode: 503) : Results.Text("ok"));
    }

    /// <summary>Ends with the controller: true after a stop that was asked for, false when the lease was lost.</summary>
    public Task<bool> Running => running;

    /// <summary>Base address of the health endpoints.</summary>
    public Uri Address => new(app.Urls.First().Replace("[::]", "127.0.0.1", StringComparison.Ordinal));

    /// <summary>Starts a controller.</summary>
    /// <param name="options">How it runs.</param>
    /// <param name="kubernetes">The API server.</param>
    /// <param name="random">Numbers in [0, 1), for jitter.</param>
    /// <param name="probe">Asks pods which node they are; over TLS when null.</param>
    /// <param name="sources">Where models are fetched from; the network when null.</param>
    /// <param name="time">The clock; the system's when null. The elector keeps its own.</param>
    /// <param name="configuration">Settings of logging.</param>
    /// <exception cref="InvalidDataException">The options are not valid; the message lists everything that is wrong.</exception>
    public static async Task<ControllerHost> StartAsync(
        ControllerOptions options, Kubernetes kubernetes, Func<double> random, INodeProbe? probe = null, HttpMessageHandler? sources = null, TimeProvider? time = null,
        IConfiguration? configuration = null)
    {
        if (OptionsCheck.Errors(options) is { Count: > 0 } errors)
            throw new InvalidDataException(string.Join(Environment.NewLine, errors));
        var host = new ControllerHost(options, kubernetes, probe, sources, random, time ?? TimeProvider.System, configuration);
        await host.app.StartAsync();
        host.running = host.lease.RunAsync(host.leader.RunAsync, host.stopping.Token);
        return host;
    }

    /// <summary>Stops: what is under way is finished, the lease is given back.</summary>
    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await running;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await app.StopAsync();
        await app.DisposeAsync();
        services.Dispose();
        stopping.Dispose();
    }
}
