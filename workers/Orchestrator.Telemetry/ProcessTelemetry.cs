using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Orchestrator.Telemetry;

/// <summary>Telemetry of a process that has no host to run it; whoever starts it disposes it, which sends what is left.</summary>
public sealed class ProcessTelemetry : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private ProcessTelemetry(ServiceProvider services) => this.services = services;

    /// <summary>Starts what <see cref="TelemetryRegistration.AddOrchestratorTelemetry(IServiceCollection, IConfiguration, string, IReadOnlyDictionary{string, string}?)"/> adds.</summary>
    /// <exception cref="InvalidOperationException">A setting has the wrong form; the message lists everything that is wrong.</exception>
    /// <exception cref="IOException">The port for metrics is taken.</exception>
    public static async Task<ProcessTelemetry> StartAsync(IConfiguration configuration, string serviceName, CancellationToken cancel = default)
    {
        var telemetry = new ProcessTelemetry(new ServiceCollection().AddLogging().AddOrchestratorTelemetry(configuration, serviceName).BuildServiceProvider());
        try
        {
            // A provider works from the moment it is made.
            telemetry.services.GetService<TracerProvider>();
            telemetry.services.GetService<MeterProvider>();
            foreach (var part in telemetry.services.GetServices<IHostedService>())
                await part.StartAsync(cancel);
            return telemetry;
        }
        catch
        {
            await telemetry.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => services.DisposeAsync();
}
