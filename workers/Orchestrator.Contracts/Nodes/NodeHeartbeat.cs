using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>A node's state, signed and published on topic <see cref="Topics.Nodes"/> at every interval and at every change.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">Must equal the id derived from the signing key.</param>
/// <param name="Sequence">Rises with every heartbeat; lower ones are ignored. Starts at the clock's Unix milliseconds so it survives restarts.</param>
/// <param name="Shards">Every shard the node holds or is getting.</param>
/// <param name="ActiveSessions">Sessions open now.</param>
/// <param name="Draining">The node takes no new sessions.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record NodeHeartbeat(
    int SchemaVersion,
    NodeId Node,
    long Sequence,
    IReadOnlyList<ShardStatus> Shards,
    int ActiveSessions,
    bool Draining,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>One shard on a node.</summary>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">Stage of that model.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Error">Why it failed; null otherwise.</param>
public sealed record ShardStatus(Digest Manifest, int Stage, ShardState State, string? Error = null);

/// <summary>Where a shard stands on a node.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ShardState>))]
public enum ShardState
{
    /// <summary>Being fetched, checked or loaded.</summary>
    Loading,

    /// <summary>Takes sessions.</summary>
    Ready,

    /// <summary>Could not be loaded.</summary>
    Failed,
}
