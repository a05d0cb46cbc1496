using System.Diagnostics.Metrics;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Relay.Server;

/// <summary>Meters of a relay, all under <see cref="Name"/>; free while nobody listens. Nothing says who talks to whom.</summary>
public static class RelayTelemetry
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Orchestrator.Relay";

    private static readonly Meter Meter = new(Name);
    private static readonly UpDownCounter<int> Nodes = Meter.CreateUpDownCounter<int>("orchestrator.relay.nodes", "{node}", "Nodes registered.");
    private static readonly UpDownCounter<int> Splices = Meter.CreateUpDownCounter<int>("orchestrator.relay.streams", "{stream}", "Streams carried.");
    private static readonly Counter<long> Bytes = Meter.CreateCounter<long>("orchestrator.relay.carried", "By", "Bytes carried, both directions.");
    private static readonly Counter<long> Refusals = Meter.CreateCounter<long>("orchestrator.relay.refused", "{connection}", "Connections refused, by code.");

    internal static void NodeUp() => Nodes.Add(1);

    internal static void NodeDown() => Nodes.Add(-1);

    internal static void SpliceUp() => Splices.Add(1);

    internal static void SpliceDown() => Splices.Add(-1);

    internal static void Carried(int bytes) => Bytes.Add(bytes);

    internal static void Refused(RelayCode code) => Refusals.Add(1, new KeyValuePair<string, object?>("code", code.ToString().ToLowerInvariant()));
}
