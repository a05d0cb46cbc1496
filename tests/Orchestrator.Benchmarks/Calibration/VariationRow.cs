using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>What was found for one variation.</summary>
/// <param name="Name">The variation.</param>
/// <param name="Honest">Whether it must pass.</param>
/// <param name="Chunks">Chunks compared, over all stages.</param>
/// <param name="Equal">Those equal bit for bit.</param>
/// <param name="Mismatches">Of 128 points.</param>
/// <param name="MeanError">In steps of the last mantissa bit kept.</param>
/// <param name="MedianError">In the same steps.</param>
/// <param name="Refused">Chunks refused by the limits in use.</param>
/// <param name="RefusedAsPublished">Chunks refused by TOPLOC's published limits.</param>
public sealed record VariationRow(
    string Name, bool Honest, int Chunks, int Equal, Percentiles Mismatches, Percentiles MeanError, Percentiles MedianError, int Refused, int RefusedAsPublished)
{
    internal static VariationRow Of(Variation variation, IReadOnlyList<(bool Equal, FingerprintComparison Found)> chunks, FingerprintThresholds limits, FingerprintThresholds published) => new(
        variation.Name,
        variation.Honest,
        chunks.Count,
        chunks.Count(c => c.Equal),
        Percentiles.Of(chunks.Select(c => (double)c.Found.Mismatches * Fingerprint.Points / c.Found.Points)),
        Percentiles.Of(chunks.Select(c => c.Found.MeanError)),
        Percentiles.Of(chunks.Select(c => c.Found.MedianError)),
        chunks.Count(c => !limits.Accept(c.Found)),
        chunks.Count(c => !published.Accept(c.Found)));
}

/// <summary>Least, first hundredth, middle, last hundredth, greatest.</summary>
public sealed record Percentiles(double Min, double P1, double P50, double P99, double Max)
{
    internal static Percentiles Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(sorted[0], sorted[(sorted.Length - 1) / 100], sorted[sorted.Length / 2], sorted[sorted.Length - 1 - (sorted.Length - 1) / 100], sorted[^1]);
    }
}

/// <summary>What a calibration found.</summary>
/// <param name="Model">The model.</param>
/// <param name="Stages">Its stages.</param>
/// <param name="Sequences">Sequences run.</param>
/// <param name="HonestChunks">Honest chunks compared.</param>
/// <param name="FalsePositives">Honest chunks refused.</param>
/// <param name="Limits">The limits in use.</param>
/// <param name="Machine">Where.</param>
/// <param name="Rows">One per variation.</param>
public sealed record CalibrationReport(
    string Model, int Stages, int Sequences, int HonestChunks, int FalsePositives, FingerprintThresholds Limits, Machine Machine, IReadOnlyList<VariationRow> Rows);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CalibrationReport))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
