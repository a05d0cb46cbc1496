namespace Orchestrator.Verification;

/// <summary>How far a claimed fingerprint is from one's own largest values of the same chunk.</summary>
/// <param name="Points">Own values compared.</param>
/// <param name="Mismatches">Those that are half an octave or more off: an index the claim does not have, or another value altogether.</param>
/// <param name="MeanError">
/// Mean distance in steps of the last mantissa bit kept, without the largest <see cref="LeftOut"/> of 128. Two values near the rank of the last may change
/// places between honest runs; what a polynomial holds for an index it was not made of is arbitrary, and may by chance be neither near nor a mismatch.
/// </param>
/// <param name="MedianError">Median distance.</param>
public sealed record FingerprintComparison(int Points, int Mismatches, double MeanError, double MedianError)
{
    /// <summary>How many of <see cref="Fingerprint.Points"/> distances do not count in the mean; of fewer points proportionally fewer.</summary>
    public const int LeftOut = 4;

    /// <summary>Compares.</summary>
    /// <param name="own">One's own largest values, from <see cref="FingerprintBuilder.Points"/>.</param>
    /// <param name="claimed">The fingerprint to check.</param>
    /// <param name="format">Format of both.</param>
    public static FingerprintComparison Of(ReadOnlySpan<FingerprintPoint> own, Fingerprint claimed, FloatFormat format)
    {
        if (own.Length == 0)
            return new(0, 0, 0, 0);
        int far = 1 << (format.MantissaBits - 1), mismatches = 0;
        int[] errors = new int[own.Length];
        for (int i = 0; i < own.Length; i++)
        {
            errors[i] = Math.Min(format.Distance(own[i].Value, claimed.ValueAt(own[i].Index)), far);
            mismatches += errors[i] == far ? 1 : 0;
        }

        Array.Sort(errors);
        int middle = errors.Length / 2, kept = errors.Length - LeftOut * errors.Length / Fingerprint.Points;
        double median = errors.Length % 2 == 1 ? errors[middle] : (errors[middle - 1] + errors[middle]) / 2.0;
        return new(own.Length, mismatches, errors.Take(kept).Average(), median);
    }
}
