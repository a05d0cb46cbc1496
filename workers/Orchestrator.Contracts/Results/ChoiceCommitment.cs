namespace Orchestrator.Contracts;

/// <summary>
/// What a stage commits to for one choice. Roots are Merkle roots (<c>Orchestrator.Verification.MerkleTree</c>) with one leaf per chunk of <see cref="ChunkPlan"/>.
/// </summary>
/// <param name="Tokens">Positions it ran (prompt and fed completion).</param>
/// <param name="Chunks">Leaves under each root.</param>
/// <param name="Input">Root over what it received; on stage 0 the token ids, so that whoever knows prompt and answer can compute it.</param>
/// <param name="Output">Root over what it put out; equal to the next stage's <see cref="Input"/> on an honest link.</param>
/// <param name="Fingerprints">Root over the tolerance-aware fingerprints of what it put out.</param>
/// <param name="Draws">SHA-256 over the drawn tokens, <c>position u32, token u32</c> each, little-endian; last stage only.</param>
public sealed record ChoiceCommitment(int Tokens, int Chunks, Digest Input, Digest Output, Digest Fingerprints, Digest? Draws);
