using System.Net;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Telemetry;

/// <summary>What of a process can be seen from outside, and where; nothing unless the configuration asks for it.</summary>
/// <param name="MetricsPort">Port that serves Prometheus text at <c>/metrics</c>; null serves none. From <c>Telemetry:MetricsPort</c>, where 0 or nothing means none.</param>
/// <param name="MetricsAddress">Address of that port: any by default, because scrapers come from other machines. From <c>Telemetry:MetricsAddress</c>.</param>
/// <param name="Traces">Whether spans go to a collector: an OTLP endpoint is set for all signals or for traces.</param>
/// <param name="Metrics">The same for metrics.</param>
/// <param name="Logs">The same for logs.</param>
public sealed record TelemetryOptions(int? MetricsPort, IPAddress MetricsAddress, bool Traces, bool Metrics, bool Logs)
{
    /// <summary>The variable that names the collector, as OpenTelemetry specifies it.</summary>
    public const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether there is anything to do.</summary>
    public bool IsOff => !Traces && !Metrics && !Logs && MetricsPort is null;

    /// <summary>Reads the configuration, whose sources should include the environment.</summary>
    /// <exception cref="InvalidOperationException">A value has the wrong form; the message lists everything that is wrong.</exception>
    public static TelemetryOptions Read(IConfiguration configuration)
    {
        var errors = new List<string>();
        bool on = !bool.TryParse(configuration["OTEL_SDK_DISABLED"], out bool disabled) || !disabled;
        bool Signal(string name)
        {
            bool found = false;
            foreach (string variable in new[] { Endpoint, $"OTEL_EXPORTER_OTLP_{name}_ENDPOINT" })
            {
                if (configuration[variable] is not { Length: > 0 } text)
                    continue;
                found = true;
                string error = $"{variable} must be an absolute http or https address such as http://collector:4317, not '{text}'.";
                if (!(Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https") && !errors.Contains(error))
                    errors.Add(error);
            }

            return on && found && configuration[$"OTEL_{name}_EXPORTER"] is not "none";
        }

        int port = 0;
        if (configuration["Telemetry:MetricsPort"] is { Length: > 0 } portText && (!int.TryParse(portText, out port) || port is < 0 or > 65_535))
            errors.Add($"Telemetry:MetricsPort must lie in 0..65535, 0 for no metrics, not '{portText}'.");
        var at = IPAddress.IPv6Any;
        if (configuration["Telemetry:MetricsAddress"] is { Length: > 0 } addressText && !IPAddress.TryParse(addressText, out at))
            errors.Add($"Telemetry:MetricsAddress must be an IP address such as 127.0.0.1, not '{addressText}'.");
        var options = new TelemetryOptions(on && port > 0 ? port : null, at ?? IPAddress.IPv6Any, Signal("TRACES"), Signal("METRICS"), Signal("LOGS"));
        return errors.Count == 0 ? options : throw new InvalidOperationException(string.Join(Environment.NewLine, errors));
    }
}
