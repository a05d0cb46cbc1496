using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Gives a node its part of a job: one stage of one chain, for one session. Redelivery of the same session and stage has no effect.
/// </summary>
/// <param name="SchemaVersion"><see cref="SchemaFor"/> its hops.</param>
/// <param name="Node">The node it is for.</param>
/// <param name="Job">The job.</param>
/// <param name="Session">Derived from job, chain and attempt.</param>
/// <param name="Chain">0-based number of the chain within the job.</param>
/// <param name="Attempt">0-based dispatch attempt.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">The stage this node runs; its shard must be ready or the node refuses.</param>
/// <param name="Hops">All stages of the chain in order; <c>Hops[Stage].Node</c> is this node, <c>Hops[0].Node</c> the edge.</param>
/// <param name="Sampling">How the last stage draws tokens.</param>
/// <param name="Choices">How many independent completions, 1 to 16.</param>
/// <param name="MaxTokens">Most prompt and completion tokens per choice; sizes the cache.</param>
/// <param name="Edge">The edge's part; null on every other node.</param>
/// <param name="Trace">W3C traceparent; null when not traced.</param>
/// <param name="ExpiresAt">The session ends here at the latest, and an assignment that arrives later is ignored.</param>
/// <param name="EvidenceUntil">The node serves the session's evidence up to here; null leaves it to the node's own setting.</param>
public sealed record Assignment(
    int SchemaVersion,
    NodeId Node,
    JobId Job,
    SessionId Session,
    int Chain,
    int Attempt,
    Digest Manifest,
    int Stage,
    IReadOnlyList<Hop> Hops,
    SamplingParameters Sampling,
    int Choices,
    int MaxTokens,
    EdgeTask? Edge,
    string? Trace,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EvidenceUntil = null)
{
    /// <summary>The schema of assignments without relays.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The schema of assignments in which a hop has a relay: nodes that know of none refuse it.</summary>
    public const int RelaySchema = 2;

    /// <summary>The schema that says no more than the hops need.</summary>
    public static int SchemaFor(IReadOnlyList<Hop> hops) => hops.Any(h => h.Relay is not null) ? RelaySchema : CurrentSchema;

    /// <summary>Most choices a job may ask for.</summary>
    public const int MaxChoices = 16;
}

/// <summary>One stage of a chain, as its peers must see it to connect.</summary>
/// <param name="Node">The node.</param>
/// <param name="Layers">Layers it runs.</param>
/// <param name="DataEndpoint"><c>host:port</c> of its data plane; empty when it is reached through its relay only.</param>
/// <param name="CertificateDigest">SHA-256 of the certificate it must present, whichever way it is reached.</param>
/// <param name="Relay">Its relay; null without one, and then not written.</param>
public sealed record Hop(
    NodeId Node,
    LayerRange Layers,
    string DataEndpoint,
    Digest CertificateDigest,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RelayEndpoint? Relay = null);

/// <summary>What the edge needs besides its stage.</summary>
/// <param name="Prompt">Text or conversation to tokenize.</param>
/// <param name="MaxCompletionTokens">Most tokens to draw per choice, 1 or more.</param>
/// <param name="Stop">Up to four stop sequences; the answer ends before the first that occurs.</param>
/// <param name="IgnoreEnd">Go on past the end token until the limit (benchmarks).</param>
/// <param name="StreamTokenDigest">SHA-256 of the bearer token that opens this session's stream.</param>
public sealed record EdgeTask(Prompt Prompt, int MaxCompletionTokens, IReadOnlyList<string> Stop, bool IgnoreEnd, Digest StreamTokenDigest);
