using Orchestrator.Contracts;

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

    /// <summary>
    /// The limits for a claim of one class and an auditor of another. Calibrated for float32 between CPUs; all else, other providers above all, has
    /// TOPLOC's wide ones until somebody calibrates it: they let cheaper weights pass, and refuse nobody honest in what was published.
    /// </summary>
    public static FingerprintThresholds Between(ExecutionClass claimed, ExecutionClass auditor, FloatFormat format)
    {
        if (Calibrated(claimed, auditor, format))
            return Float32;
        double steps = Math.Pow(2, format.MantissaBits - FloatFormat.BFloat16.MantissaBits);
        return Published with { MaxMeanError = Published.MaxMeanError * steps, MaxMedianError = Published.MaxMedianError * steps };
    }

    /// <summary>
    /// Whether the limits between two classes were calibrated, so that outputs beyond them are no honest ones. It carries over: what is calibrated against a third class is so
    /// against each other.
    /// </summary>
    public static bool Calibrated(ExecutionClass a, ExecutionClass b, FloatFormat format) => format == FloatFormat.Float32 && a.Provider == "cpu" && b.Provider == "cpu";

    /// <summary>
    /// How many times the limits a comparison must lie beyond before it proves anything about who made it. Rare honest chunks lie beyond the limits themselves: that asks for a referee,
    /// and accuses nobody of having lied.
    /// </summary>
    public const int FarFactor = 10;

    /// <summary>Limits so many times as wide: what lies outside of them is no neighbour of anything inside the limits themselves.</summary>
    public FingerprintThresholds Times(int factor) => new(MaxMismatches * factor, MaxMeanError * factor, MaxMedianError * factor);

    /// <summary>Whether a comparison lies within all limits.</summary>
    public bool Accept(FingerprintComparison comparison) =>
        comparison.Points > 0
        && comparison.Mismatches * Fingerprint.Points <= MaxMismatches * comparison.Points
        && comparison.MeanError <= MaxMeanError
        && comparison.MedianError <= MaxMedianError;
}
