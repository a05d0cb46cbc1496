using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Asks a node to see for itself whether another serves what a demand is about. Published on the witness' work topic. It posts <see cref="Request"/> to the other node; what it
/// gets it passes on to <see cref="AnswerTo"/>, where it is checked: a witness has nothing to decide.
/// </summary>
/// <param name="SchemaVersion"><see cref="RelaySchema"/> with a relay, <see cref="CurrentSchema"/> without.</param>
/// <param name="Node">The witness it is for.</param>
/// <param name="Demand">The demand.</param>
/// <param name="Round">0-based round of the demand.</param>
/// <param name="Endpoint">Stream endpoint of the node that is asked.</param>
/// <param name="Certificate">SHA-256 of the certificate it must present.</param>
/// <param name="Request">An <see cref="EvidenceRequest"/> that the platform signed.</param>
/// <param name="AnswerTo">Where a file goes.</param>
/// <param name="MostBytes">The file cannot have more bytes.</param>
/// <param name="ExpiresAt">A report after this is worth nothing.</param>
/// <param name="Relay">The relay of the node that is asked; null without one, and then not written.</param>
public sealed record WitnessTask(
    int SchemaVersion,
    NodeId Node,
    DemandId Demand,
    int Round,
    Uri Endpoint,
    Digest Certificate,
    SignedMessage Request,
    Uri AnswerTo,
    long MostBytes,
    DateTimeOffset ExpiresAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RelayEndpoint? Relay = null)
{
    /// <summary>The schema of tasks without a relay.</summary>
    public const int CurrentSchema = 1;

    /// <summary>The schema of tasks with one: witnesses that know of none refuse it, instead of finding nobody at an address that never resolves.</summary>
    public const int RelaySchema = 2;

    /// <summary>The schema for a node with this relay.</summary>
    public static int SchemaFor(RelayEndpoint? relay) => relay is null ? CurrentSchema : RelaySchema;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem() => SchemaVersion != SchemaFor(Relay) ? $"its schema is {SchemaVersion}, not {SchemaFor(Relay)}"
        : Round is < 0 or > 1_000 ? "its round is out of range"
        : Endpoint is not { IsAbsoluteUri: true, Scheme: "https" } ? "its endpoint is not an absolute https address"
        : AnswerTo is not { IsAbsoluteUri: true, Scheme: "http" or "https" } ? "its address for answers is not an absolute http or https address"
        : MostBytes is < 1 or > AuditChecks.MaxInputBytes ? "its size is out of range"
        : null;
}

/// <summary>What a witness saw, signed and published on topic <see cref="Topics.Audits"/>.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The witness; must equal the id derived from the signing key.</param>
/// <param name="Demand">The demand.</param>
/// <param name="Round">The round it was asked in.</param>
/// <param name="Saw">What it saw.</param>
/// <param name="Detail">For people; at most <see cref="MaxDetail"/> characters.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record WitnessReport(int SchemaVersion, NodeId Node, DemandId Demand, int Round, Sighting Saw, string Detail, DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Longest detail.</summary>
    public const int MaxDetail = 500;

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Problem() => SchemaVersion != CurrentSchema ? $"its schema is {SchemaVersion}, not {CurrentSchema}"
        : !Enum.IsDefined(Saw) || Detail.Length > MaxDetail ? "what it saw is unknown, or its detail is too long"
        : null;
}

/// <summary>What a witness may see.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Sighting>))]
public enum Sighting
{
    /// <summary>A file, which the platform took.</summary>
    [JsonStringEnumMemberName("served")]
    Served,

    /// <summary>The node answered, with no file.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>The node could not be reached.</summary>
    [JsonStringEnumMemberName("unreachable")]
    Unreachable,

    /// <summary>Something that is not the file under the receipt's roots, as the platform found.</summary>
    [JsonStringEnumMemberName("unfit")]
    Unfit,

    /// <summary>A file that could not be passed on, or no way to the node or from it to the platform: nothing can be said.</summary>
    [JsonStringEnumMemberName("not_passed_on")]
    NotPassedOn,
}
