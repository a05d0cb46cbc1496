using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>The leaves of one chunk.</summary>
/// <param name="Input">SHA-256 of what came in (<see cref="BoundaryHash"/>).</param>
/// <param name="Output">SHA-256 of what went out; on the last stage of the logits drawn from.</param>
/// <param name="Fingerprint">Encoded <see cref="Verification.Fingerprint"/> of what went out; empty when nothing floating did. The leaf is its SHA-256.</param>
public sealed record ChunkRecord(Digest Input, Digest Output, byte[] Fingerprint);
