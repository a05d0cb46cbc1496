using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Orchestrator.Telemetry;

/// <summary>Whose spans and instruments are shown: all of ours, and those of the frameworks that say something about us.</summary>
public static class TelemetrySources
{
    /// <summary>Every meter and activity source of this repository starts so; a test holds them to it.</summary>
    public const string Prefix = "Orchestrator.";

    /// <summary>Sources of the clients' spans. A gRPC call makes its own above that of its request whether it is shown or not, so without it the trace has a gap.</summary>
    internal static IReadOnlyList<string> Clients => ["System.Net.Http", "Grpc.Net.Client"];

    /// <summary>Activity sources, beside that of the web server.</summary>
    public static IReadOnlyList<string> Spans { get; } = [Prefix + "*", .. Clients];

    /// <summary>Meters.</summary>
    public static IReadOnlyList<string> Meters { get; } =
        [Prefix + "*", "System.Runtime", "System.Net.Http", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>The client's instruments have a label for every address called, so one for every node that ever was: it is left out.</summary>
    internal static MetricStreamConfiguration? WithoutPeers(Instrument instrument) => instrument.Meter.Name == "System.Net.Http"
        ? new MetricStreamConfiguration { TagKeys = ["http.request.method", "http.response.status_code", "http.connection.state", "error.type", "network.protocol.version"] }
        : null;
}
