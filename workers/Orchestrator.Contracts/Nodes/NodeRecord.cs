using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// What a node says of itself, signed with its key and published on topic <see cref="Topics.Nodes"/>.
/// A later <see cref="IssuedAt"/> replaces an earlier one.
/// </summary>
/// <param name="SchemaVersion"><see cref="RelaySchema"/> with a relay, <see cref="CurrentSchema"/> without.</param>
/// <param name="Node">Must equal the id derived from the signing key.</param>
/// <param name="Host">Account that operates the node and is paid; redundant chains never share one. 1 to 63 of <c>[a-z0-9-]</c>.</param>
/// <param name="Region">Free label used by placement; at most 63 characters.</param>
/// <param name="DataEndpoint"><c>host:port</c> of the framed TLS data plane; empty when it is reached through its relay only.</param>
/// <param name="StreamEndpoint">Base URL (https) of the edge's stream API; <see cref="RelayEndpoint.HiddenStream"/> when it is reached through its relay only.</param>
/// <param name="CertificateDigest">SHA-256 of the DER certificate both endpoints present; peers accept no other.</param>
/// <param name="Capability">What the node can hold and run.</param>
/// <param name="PricePerLayerToken">Asked price in micro-credits for one layer over one token; 0 or more.</param>
/// <param name="IssuedAt">When it was signed.</param>
/// <param name="Relay">Where it can be reached that cannot be dialled; null without one, and then not written.</param>
public sealed record NodeRecord(
    int SchemaVersion,
    NodeId Node,
    string Host,
    string Region,
    string DataEndpoint,
    Uri StreamEndpoint,
    Digest CertificateDigest,
    NodeCapability Capability,
    long PricePerLayerToken,
    DateTimeOffset IssuedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RelayEndpoint? Relay = null)
{
    /// <summary>The schema of records without a relay: byte for byte what builds write that know of none.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The schema of records with a relay: builds that know of none refuse it.</summary>
    public const int RelaySchema = 2;
}

/// <summary>What a node can hold and run.</summary>
/// <param name="MemoryBytes">Memory it offers for shards and caches.</param>
/// <param name="Cores">Processor threads it offers.</param>
/// <param name="MaxSessions">Most sessions at a time, over all shards.</param>
/// <param name="Class">The numerical class its results belong to.</param>
/// <param name="Gpu">The GPU it computes on; null for none. Left out when null, so that records without one are the bytes they always were.</param>
public sealed record NodeCapability(
    long MemoryBytes,
    int Cores,
    int MaxSessions,
    ExecutionClass Class,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] GpuCapability? Gpu = null);

/// <summary>Results of two nodes of the same class are bit-identical for the same shard and the same token-count shapes.</summary>
/// <param name="Runtime">Runtime and version, e.g. <c>onnxruntime/1.31.1</c>.</param>
/// <param name="Provider">Execution provider, e.g. <c>cpu</c>.</param>
/// <param name="Optimization">Graph optimization level the session runs at, e.g. <c>disabled</c>.</param>
/// <param name="Instructions">Class of fused multiply-add: <c>fma</c>, <c>none</c> or <c>arm64</c>.</param>
public sealed record ExecutionClass(string Runtime, string Provider, string Optimization, string Instructions);
