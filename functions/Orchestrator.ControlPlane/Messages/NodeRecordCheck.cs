using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>Bounds of what nodes say of themselves.</summary>
public static class NodeRecordCheck
{
    private const int MaxLabel = 63;
    private const int MaxEndpoint = 255;
    private const int MaxShards = 4096;
    private const int MaxError = 4096;
    private const long MaxGpuBytes = 16L << 40;

    /// <summary>How far a node's clock may be off.</summary>
    public static TimeSpan ClockSkew { get; } = TimeSpan.FromMinutes(5);

    /// <summary>Why a record is refused; null when it is not.</summary>
    /// <param name="record">What the node says.</param>
    /// <param name="signer">Whose key signed it.</param>
    /// <param name="now">The platform's clock.</param>
    /// <param name="age">How old it may be, beside the skew.</param>
    public static string? Problem(NodeRecord record, NodeId signer, DateTimeOffset now, TimeSpan age)
    {
        int schema = record.Relay is null ? NodeRecord.CurrentSchema : NodeRecord.RelaySchema;
        if (record.SchemaVersion != schema)
            return $"schema: {record.SchemaVersion} is not {schema}";
        if (record.Node != signer)
            return "signer: the record is of another node";
        if (Timing(signer, record.IssuedAt, now, age) is { } timing)
            return timing;
        if (!IsLabel(record.Host) || Actors.ActorNames.IsReserved(record.Host))
            return "host: it must be 1 to 63 of [a-z0-9-] and not one of the platform's own accounts";
        if (record.Region is not { Length: <= MaxLabel })
            return "region: too long";
        if (record.Relay is { } relay && (!IsEndpoint(relay.Endpoint) || relay.Certificate == default(Digest)))
            return "relay: it must be host:port, and its certificate a digest or null";
        if (record is { Relay: not null, DataEndpoint: "" } != (record.StreamEndpoint is { IsAbsoluteUri: true } stream && RelayEndpoint.IsHidden(stream)))
            return "relay: a node that is reached through its relay only has no data endpoint and a hidden stream endpoint, any other has both";
        if (record.DataEndpoint is not "" && !IsEndpoint(record.DataEndpoint))
            return "data endpoint: it must be host:port";
        if (record is { DataEndpoint: "", Relay: null })
            return "data endpoint: it must be host:port, or the node must have a relay";
        if (record.StreamEndpoint is not { IsAbsoluteUri: true, Scheme: "https", UserInfo: "", Fragment: "", Query: "" } || record.StreamEndpoint.AbsoluteUri.Length > MaxEndpoint)
            return "stream endpoint: it must be an https URL";
        if (record.CertificateDigest == default)
            return "certificate: its digest is missing";
        var capability = record.Capability;
        if (capability.MemoryBytes < 0 || capability.Cores < 0 || capability.MaxSessions is < 0 or > 1_000_000)
            return "capability: out of range";
        var c = capability.Class;
        if (new[] { c.Runtime, c.Provider, c.Optimization, c.Instructions }.Any(s => s is not { Length: <= MaxLabel }))
            return "capability: a class has names of at most 63 characters";
        if (capability.Gpu is { } gpu && !IsGpu(gpu))
            return "capability: a GPU has a product of 1 to 63 printable characters, at most 16 TiB, a known way of sharing and a compute capability below 100";
        return record.PricePerLayerToken < 0 ? "price: below 0" : null;
    }

    /// <summary>Why a heartbeat is refused; null when it is not.</summary>
    /// <param name="heartbeat">What the node says.</param>
    /// <param name="signer">Whose key signed it.</param>
    /// <param name="now">The platform's clock.</param>
    /// <param name="age">How old it may be, beside the skew.</param>
    public static string? Problem(NodeHeartbeat heartbeat, NodeId signer, DateTimeOffset now, TimeSpan age)
    {
        if (heartbeat.SchemaVersion != NodeHeartbeat.CurrentSchema)
            return $"schema: {heartbeat.SchemaVersion} is not {NodeHeartbeat.CurrentSchema}";
        if (heartbeat.Node != signer)
            return "signer: the heartbeat is of another node";
        if (Timing(signer, heartbeat.IssuedAt, now, age) is { } timing)
            return timing;
        if (heartbeat.ActiveSessions < 0 || heartbeat.Sequence < 0)
            return "counts: below 0";
        return heartbeat.Shards.Count > MaxShards || heartbeat.Shards.Any(s => s is null or { Stage: < 0 } or { Error.Length: > MaxError })
            ? $"shards: at most {MaxShards}, none empty"
            : null;
    }

    // Nobody remembers what a forgotten node said last: without a bound in the past, whoever recorded it could say it again.
    private static string? Timing(NodeId node, DateTimeOffset issuedAt, DateTimeOffset now, TimeSpan age)
    {
        if (issuedAt - now > ClockSkew)
            return $"future: node {node} signed it at {issuedAt:u} and it is {now:u} here. Set the node's clock, by NTP for instance";
        return now - issuedAt > age + ClockSkew
            ? $"old: node {node} signed it at {issuedAt:u} and it is {now:u} here. It was held up or is played back; if all that the node sends is old, set its clock, by NTP for instance"
            : null;
    }

    private static bool IsGpu(GpuCapability gpu) =>
        gpu.Product is { Length: > 0 and <= MaxLabel } && gpu.Product.All(c => c is > ' ' and < (char)127)
        && gpu.MemoryBytes is >= 0 and <= MaxGpuBytes && GpuCapability.Sharings.Contains(gpu.Sharing) && gpu.ComputeMajor is >= 0 and < 100;

    private static bool IsLabel(string text) =>
        text is { Length: > 0 and <= MaxLabel } && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool IsEndpoint(string text)
    {
        int colon = text?.LastIndexOf(':') ?? -1;
        return colon > 0 && text!.Length <= MaxEndpoint && ushort.TryParse(text.AsSpan(colon + 1), out ushort port) && port > 0
            && Uri.CheckHostName(text[..colon].Trim('[', ']')) != UriHostNameType.Unknown;
    }
}
