using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Orchestrator.Gateway.Diagnostics;

/// <summary>Meters of a gateway, all under <see cref="Name"/>, as are its spans. No tag of a meter names a node: there may be thousands.</summary>
public static class GatewayTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Orchestrator.Gateway";

    private static readonly Meter Meter = new(Name);
    private static readonly UpDownCounter<int> Connected = Meter.CreateUpDownCounter<int>("orchestrator.gateway.nodes", "{node}", "Nodes with a stream.");
    private static readonly UpDownCounter<int> Open = Meter.CreateUpDownCounter<int>("orchestrator.gateway.strangers", "{node}", "Nodes with a stream in the places that are open to every key.");
    private static readonly Counter<long> Deliveries = Meter.CreateCounter<long>("orchestrator.gateway.deliveries", "{message}", "Deliveries by what became of them.");
    private static readonly Counter<long> Messages = Meter.CreateCounter<long>("orchestrator.gateway.published", "{message}", "Messages of nodes handed to the broker, by topic.");
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("orchestrator.gateway.refused", "{request}", "What was refused, by kind.");
    private static readonly Counter<long> Downloads = Meter.CreateCounter<long>("orchestrator.gateway.blobs", "{download}", "Downloads of blobs.");
    private static readonly Counter<long> Answers = Meter.CreateCounter<long>("orchestrator.gateway.answers", "{answer}", "Answers to demands of evidence passed on.");
    private static readonly Gauge<double> Certificate = Meter.CreateGauge<double>("orchestrator.gateway.certificate.not_after", "s", "Until when the certificate that new connections are shown is good, in seconds since 1970.");

    internal static void Nodes(int change) => Connected.Add(change);

    internal static void Strangers(int change) => Open.Add(change);

    internal static void Settled(string outcome, Activity? span)
    {
        outcome = outcome.ToLowerInvariant();
        Deliveries.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        span?.SetTag("outcome", outcome);
    }

    internal static void Published(string topic) => Messages.Add(1, new KeyValuePair<string, object?>("topic", topic));

    internal static void Refused(string kind) => Refusals.Add(1, new KeyValuePair<string, object?>("kind", kind));

    internal static void Answered() => Answers.Add(1);

    internal static void Downloaded() => Downloads.Add(1);

    internal static void CertificateEnds(DateTime notAfter) => Certificate.Record(new DateTimeOffset(notAfter.ToUniversalTime()).ToUnixTimeSeconds());
}
