using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Cheats;

/// <summary>What an auditor reports that has heard what was claimed and computes nothing.</summary>
public static class Confirmation
{
    /// <summary>The claims, in the form of an auditor's results.</summary>
    /// <param name="mode">How it was asked to run.</param>
    /// <param name="chunks">What it was asked for.</param>
    /// <param name="claimed">What was claimed of every chunk.</param>
    public static IReadOnlyList<AuditedChunk> Of(AuditMode mode, IReadOnlyList<int> chunks, IReadOnlyList<ChunkClaim> claimed) =>
        [.. chunks.Select(c => mode == AuditMode.Exact ? new AuditedChunk(c, claimed[c].Output, null) : new AuditedChunk(c, null, Points(claimed[c].Fingerprint)))];

    /// <summary>Whoever has a fingerprint needs nothing else to make points that lie on it.</summary>
    private static byte[] Points(byte[] fingerprint)
    {
        int count = (fingerprint.Length - 2) / 2;
        if (!Fingerprint.TryDecode(fingerprint, count, out var claimed, out string? error))
            throw new InvalidOperationException($"The claimed fingerprint is none: {error}.");
        return FingerprintPoints.Encode([.. Enumerable.Range(0, count).Select(i => new FingerprintPoint((uint)i, claimed.ValueAt((uint)i)))]);
    }
}
