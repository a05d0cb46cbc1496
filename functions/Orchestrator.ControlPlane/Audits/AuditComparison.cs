using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>Compares what an auditor got with what a stage committed to. Pure.</summary>
public static class AuditComparison
{
    /// <summary>By how many logits a drawn token may fall short of the auditor's best when it ran in other passes: what honest rounding does to two near-tied logits.</summary>
    public const double BatchedGap = 0.05;

    /// <summary>Compares hashes: the auditor ran the same passes in the same class, so that every bit must be equal.</summary>
    public static AuditFinding Exact(AuditReport report, IReadOnlyList<Digest> outputs)
    {
        foreach (var chunk in report.Chunks)
        {
            if (chunk.Output is { } got && got != outputs[chunk.Chunk])
                return new AuditFinding(FindingKind.Outputs, chunk.Chunk, $"Chunk {chunk.Chunk} put out {outputs[chunk.Chunk].Short}; the auditor got {got.Short}.");
        }

        return Draws(report, 0);
    }

    /// <summary>Compares fingerprints: the auditor ran the inputs in other passes or another class.</summary>
    /// <param name="report">The auditor's report; its chunks carry <see cref="FingerprintPoints"/>.</param>
    /// <param name="fingerprints">What the stage committed to.</param>
    /// <param name="thresholds">How far honest runs may be apart.</param>
    /// <param name="format">Format of the stage's outputs.</param>
    /// <param name="sampling">How tokens had to be drawn; null where none were.</param>
    public static AuditFinding Batched(
        AuditReport report, IReadOnlyList<byte[]> fingerprints, FingerprintThresholds thresholds, FloatFormat format, SamplingParameters? sampling = null)
    {
        foreach (var chunk in report.Chunks)
        {
            if (chunk.Points is not { Length: > 0 } bytes)
                return new AuditFinding(FindingKind.Unusable, chunk.Chunk, $"The auditor reports no points of chunk {chunk.Chunk}: that compares nothing.");
            if (!FingerprintPoints.TryDecode(bytes, out var own, out string? error))
                return new AuditFinding(FindingKind.Unusable, chunk.Chunk, $"The auditor's points of chunk {chunk.Chunk} cannot be read: {error}.");
            if (!Fingerprint.TryDecode(fingerprints[chunk.Chunk], own.Length, out var claimed, out error))
                return new AuditFinding(FindingKind.Outputs, chunk.Chunk, $"The fingerprint of chunk {chunk.Chunk} cannot be one of its outputs: {error}.");
            var apart = FingerprintComparison.Of(own, claimed, format);
            if (!thresholds.Accept(apart))
            {
                return new AuditFinding(FindingKind.Outputs, chunk.Chunk,
                    $"Chunk {chunk.Chunk}: {apart.Mismatches} of {apart.Points} values are off, the others by {apart.MeanError:F2} on average; {thresholds} are allowed.");
            }
        }

        return Draws(report, BatchedGap / Shrinks(sampling));
    }

    /// <summary>
    /// Scores are logits divided by the temperature: below 1 the same rounding is so much more of a gap. Whoever asks for a tie at a temperature near 0 would else have honest nodes accuse
    /// each other.
    /// </summary>
    private static double Shrinks(SamplingParameters? sampling) => sampling is { Temperature: > 0 and < 1 } ? sampling.Temperature : 1;

    private static AuditFinding Draws(AuditReport report, double allowed) => report.Gaps.FirstOrDefault(g => g.Gap > allowed) is { } gap
        ? new AuditFinding(FindingKind.Draws, null, $"The token at {gap.Position} falls short of the right draw by {gap.Gap:G3}.") { Position = gap.Position }
        : AuditFinding.Same;
}

/// <summary>What a comparison showed.</summary>
/// <param name="Kind">What differs.</param>
/// <param name="Chunk">Where; null when no chunk does.</param>
/// <param name="Note">For people.</param>
public sealed record AuditFinding(FindingKind Kind, int? Chunk, string Note)
{
    /// <summary>Nothing differs.</summary>
    public static AuditFinding Same { get; } = new(FindingKind.Same, null, "The auditor got the same.");

    /// <summary>The limits of the comparison were calibrated for both classes, and what differs is so far beyond them that no two right runs do: one of the two is wrong.</summary>
    public bool Certain { get; init; }

    /// <summary>Position of the token that was drawn otherwise.</summary>
    public int? Position { get; init; }
}

/// <summary>What may differ.</summary>
public enum FindingKind
{
    /// <summary>Nothing.</summary>
    Same,

    /// <summary>What the stage put out.</summary>
    Outputs,

    /// <summary>Which token was drawn.</summary>
    Draws,

    /// <summary>The report is worth nothing.</summary>
    Unusable,
}
