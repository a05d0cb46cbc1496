using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Asks a node for what it keeps of a session: body of <c>POST {stream endpoint}/evidence</c> as a <see cref="SignedMessage"/> of the platform.
/// Each request is answered once, so a repeated one needs another expiry.
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The node it is for.</param>
/// <param name="Session">The session.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Choice">The completion.</param>
/// <param name="Kind">Which file.</param>
/// <param name="ExpiresAt">The node ignores it from then on; at most <see cref="LongestLife"/> ahead.</param>
public sealed record EvidenceRequest(int SchemaVersion, NodeId Node, SessionId Session, int Stage, int Choice, EvidenceKind Kind, DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Longest life of a request.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(10);
}

/// <summary>What a node keeps of a choice until the challenge window ends.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EvidenceKind>))]
public enum EvidenceKind
{
    /// <summary>Output hash and fingerprint of every chunk, see <c>Orchestrator.Verification.ChunkFile</c>.</summary>
    Chunks,

    /// <summary>Everything received, see <c>Orchestrator.Verification.InputFile</c>.</summary>
    Inputs,
}
