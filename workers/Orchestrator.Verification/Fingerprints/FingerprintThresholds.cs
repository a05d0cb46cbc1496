namespace Orchestrator.Verification;

/// <summary>How far an honest fingerprint may be off.</summary>
/// <param name="MaxMismatches">Most mismatches per <see cref="Fingerprint.Points"/> points; fewer points allow proportionally fewer.</param>
/// <param name="MaxMeanError">Largest mean error.</param>
/// <param name="MaxMedianError">Largest median error.</param>
public sealed record FingerprintThresholds(int MaxMismatches, double MaxMeanError, double MaxMedianError)
{
    /// <summary>TOPLOC's published limits for bfloat16 across GPUs.</summary>
    public static readonly FingerprintThresholds Published = new(38, 10, 8);

    /// <summary>Limits for float32 outputs on the CPU provider, from <c>orchestrator-benchmarks calibrate</c>; see infra/docs/calibration.md.</summary>
    public static readonly FingerprintThresholds Float32 = new(MaxMismatches: 4, MaxMeanError: 0.05, MaxMedianError: 0.5);

    /// <summary>Whether a comparison lies within all limits.</summary>
    public bool Accept(FingerprintComparison comparison) =>
        comparison.Points > 0
        && comparison.Mismatches * Fingerprint.Points <= MaxMismatches * comparison.Points
        && comparison.MeanError <= MaxMeanError
        && comparison.MedianError <= MaxMedianError;
}
