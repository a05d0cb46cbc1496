using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using OpenTelemetry;

namespace Orchestrator.Telemetry;

/// <summary>
/// Drops traces that begin with a probe or with a call that nothing asked for, such as a sidecar's look whether an app is up. What they call is
/// dropped with them, because the context they pass on says so.
/// </summary>
internal sealed class BackgroundNoise : BaseProcessor<Activity>
{
    private static readonly HashSet<string> Probes = new(StringComparer.OrdinalIgnoreCase) { "/healthz", "/readyz", "/v1.0/healthz", "/v1.0/healthz/outbound", "/dapr/config", "/dapr/subscribe" };

    /// <summary>Whether a request is more than a probe.</summary>
    public static bool IsWork(HttpContext http) => !Probes.Contains(http.Request.Path.Value ?? "");

    /// <inheritdoc />
    public override void OnStart(Activity data)
    {
        if (data.ParentSpanId == default && TelemetrySources.Clients.Contains(data.Source.Name))
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
