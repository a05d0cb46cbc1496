using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Orchestrator.Telemetry;

/// <summary>The one way every process of the platform and of its hosts shows what it does.</summary>
public static class TelemetryRegistration
{
    /// <summary>
    /// Adds traces, metrics and logs as the configuration asks: by OTLP when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, metrics as Prometheus text on a port of
    /// their own when <c>Telemetry:MetricsPort</c> is set. Adds nothing, listens nowhere and costs nothing when neither is. The other <c>OTEL_*</c> variables mean
    /// what OpenTelemetry specifies, so <c>OTEL_TRACES_SAMPLER</c> picks the sampler and <c>OTEL_SERVICE_NAME</c> renames the service.
    /// </summary>
    /// <param name="services">The services of the process; its host runs the listener.</param>
    /// <param name="configuration">Where the settings are, the environment included.</param>
    /// <param name="serviceName">Name of the service unless the environment gives one, e.g. <c>orchestrator-worker</c>.</param>
    /// <param name="attributes">What else tells this process from others, e.g. the node. It describes the process and is no label of any series.</param>
    /// <exception cref="InvalidOperationException">A setting has the wrong form; the message lists everything that is wrong.</exception>
    public static IServiceCollection AddOrchestratorTelemetry(
        this IServiceCollection services, IConfiguration configuration, string serviceName, IReadOnlyDictionary<string, string>? attributes = null) =>
        services.AddOrchestratorTelemetry(configuration, serviceName, TelemetryOptions.Read(configuration), attributes);

    internal static IServiceCollection AddOrchestratorTelemetry(
        this IServiceCollection services, IConfiguration configuration, string serviceName, TelemetryOptions options, IReadOnlyDictionary<string, string>? attributes)
    {
        if (options.IsOff)
            return services;
        // The exporters read their variables from it.
        services.TryAddSingleton(configuration);
        var telemetry = services.AddOpenTelemetry().ConfigureResource(resource => Describe(resource, serviceName, attributes));
        if (options.Traces)
        {
            telemetry.WithTracing(traces => traces
                .AddSource([.. TelemetrySources.Spans])
                .AddAspNetCoreInstrumentation(requests => requests.Filter = BackgroundNoise.IsWork)
                .AddProcessor(new BackgroundNoise())
                .AddOtlpExporter());
        }

        if (options.Metrics || options.MetricsPort is not null)
            telemetry.WithMetrics(metrics => Measure(metrics, options));
        if (options.Logs)
            telemetry.WithLogging(logs => logs.AddOtlpExporter(), format => format.IncludeFormattedMessage = true);
        if (options.MetricsPort is not null)
            services.AddSingleton(options).AddHostedService<MetricsListener>();
        return services;
    }

    private static void Measure(MeterProviderBuilder metrics, TelemetryOptions options)
    {
        metrics.AddMeter([.. TelemetrySources.Meters]).AddView(TelemetrySources.WithoutPeers);
        if (options.Metrics)
            metrics.AddOtlpExporter();
        if (options.MetricsPort is not null)
            metrics.AddPrometheusExporter();
    }

    private static void Describe(ResourceBuilder resource, string serviceName, IReadOnlyDictionary<string, string>? attributes)
    {
        string? version = typeof(TelemetryRegistration).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        resource.AddService(serviceName, serviceNamespace: "orchestrator", serviceVersion: version);
        if (attributes is not null)
            resource.AddAttributes(attributes.Select(a => new KeyValuePair<string, object>(a.Key, a.Value)));
        // Last, so that the environment wins.
        resource.AddEnvironmentVariableDetector();
    }
}
