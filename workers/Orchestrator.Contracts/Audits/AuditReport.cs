namespace Orchestrator.Contracts;

/// <summary>What an auditor got, signed and published on topic <see cref="Topics.Audits"/>.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The auditor; must equal the id derived from the signing key.</param>
/// <param name="Audit">The audit.</param>
/// <param name="Class">The numerical class it ran in: hashes compare only with receipts of the same class.</param>
/// <param name="Mode">How it ran.</param>
/// <param name="Chunks">One per chunk asked for, in that order; empty when it failed.</param>
/// <param name="Draws">How many draws it repeated.</param>
/// <param name="Gaps">The draws that came out otherwise, in order, at most <see cref="MaxGaps"/>.</param>
/// <param name="ComputeMicroseconds">Time inside the runtime.</param>
/// <param name="Failure">Why there is no result; null when there is.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record AuditReport(
    int SchemaVersion,
    NodeId Node,
    AuditId Audit,
    ExecutionClass Class,
    AuditMode Mode,
    IReadOnlyList<AuditedChunk> Chunks,
    int Draws,
    IReadOnlyList<DrawGap> Gaps,
    long ComputeMicroseconds,
    ChainFailure? Failure,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Most differing draws reported; an honest chain has few.</summary>
    public const int MaxGaps = 1024;
}

/// <summary>One chunk run again.</summary>
/// <param name="Chunk">Its number.</param>
/// <param name="Output">SHA-256 over what its passes put out, as receipts commit to it; null in mode <see cref="AuditMode.Batched"/>.</param>
/// <param name="Points">Its largest values, as <c>Orchestrator.Verification.FingerprintPoints</c> encodes them; null when it puts out nothing that is fingerprinted.</param>
public sealed record AuditedChunk(int Chunk, Digest? Output, byte[]? Points);

/// <summary>A draw that came out otherwise.</summary>
/// <param name="Position">0-based place of the token in prompt and completion.</param>
/// <param name="Drawn">The token that was drawn.</param>
/// <param name="Best">The token the auditor draws.</param>
/// <param name="Gap">By how much the drawn token's score (logits after temperature, plus noise) falls short; above 0. Near 0 is a near-tie.</param>
public sealed record DrawGap(int Position, int Drawn, int Best, double Gap);
