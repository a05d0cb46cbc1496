using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace Orchestrator.Telemetry;

/// <summary>
/// Prometheus text at <c>/metrics</c> on a port of its own: scrapers need no key of the API, and the API's port shows none of this to strangers.
/// </summary>
internal sealed class MetricsListener(MeterProvider meters, TelemetryOptions options) : IHostedService, IAsyncDisposable
{
    // A scrape is a short GET. Whatever else comes is cut off early.
    private const long MostBody = 1024;
    private const int MostConnections = 16;

    private WebApplication? app;

    /// <summary>The port, once started; the same as asked for unless that was 0.</summary>
    public int Port => new Uri(app!.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddOptions();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(Configure);
        app = builder.Build();
        app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, null, "/metrics", null, null);
        app.Run(static http =>
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new IOException($"Metrics cannot be served on port {options.MetricsPort}: {e.Message} Set Telemetry:MetricsPort to a free port, or to 0 for none.", e);
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private void Configure(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MostBody;
        kestrel.Limits.MaxConcurrentConnections = MostConnections;
        // Where there is no IPv6 at all, any address means any of the other kind.
        var address = options.MetricsAddress.Equals(IPAddress.IPv6Any) && !System.Net.Sockets.Socket.OSSupportsIPv6 ? IPAddress.Any : options.MetricsAddress;
        kestrel.Listen(address, options.MetricsPort!.Value, static listen => listen.Protocols = HttpProtocols.Http1);
    }
}
