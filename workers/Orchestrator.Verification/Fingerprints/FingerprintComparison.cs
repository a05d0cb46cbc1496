namespace Orchestrator.Verification;

/// <summary>How far a claimed fingerprint is from one's own largest values of the same chunk.</summary>
/// <param name="Points">Own values compared.</param>
/// <param name="Mismatches">Those that are half an octave or more off: an index the claim does not have, or another value altogether.</param>
/// <param name="MeanError">Mean distance of the others, in steps of the last mantissa bit kept; 0 when there are none.</param>
/// <param name="MedianError">Their median distance.</param>
public sealed record FingerprintComparison(int Points, int Mismatches, double MeanError, double MedianError)
{
    /// <summary>Compares.</summary>
    /// <param name="own">One's own largest values, from <see cref="FingerprintBuilder.Points"/>.</param>
    /// <param name="claimed">The fingerprint to check.</param>
    /// <param name="format">Format of both.</param>
    public static FingerprintComparison Of(ReadOnlySpan<FingerprintPoint> own, Fingerprint claimed, FloatFormat format)
    {
        var errors = new List<int>(own.Length);
        foreach (var point in own)
        {
            int distance = format.Distance(point.Value, claimed.ValueAt(point.Index));
            if (distance < 1 << (format.MantissaBits - 1))
                errors.Add(distance);
        }

        errors.Sort();
        int middle = errors.Count / 2;
        double median = errors.Count == 0 ? 0 : errors.Count % 2 == 1 ? errors[middle] : (errors[middle - 1] + errors[middle]) / 2.0;
        return new(own.Length, own.Length - errors.Count, errors.Count == 0 ? 0 : errors.Average(), median);
    }
}
