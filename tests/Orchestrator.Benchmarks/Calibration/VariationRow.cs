using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.ControlPlane.Audits;
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
/// <param name="Far">Chunks refused by limits <see cref="FingerprintThresholds.FarFactor"/> times as wide, beyond which an accuser is slashed if a referee gets what it doubted.</param>
/// <param name="RefusedAsPublished">Chunks refused by TOPLOC's published limits.</param>
/// <param name="Draws">Draws repeated, at temperature 0.</param>
/// <param name="Flips">Those that give another token.</param>
/// <param name="LargestGap">By how much, at most, the claimed token's logit falls short of the best; 0 without flips.</param>
/// <param name="DrawsRefused">Flips beyond <see cref="AuditComparison.BatchedGap"/>.</param>
public sealed record VariationRow(
    string Name, bool Honest, int Chunks, int Equal, Percentiles Mismatches, Percentiles MeanError, Percentiles MedianError, int Refused, int Far, int RefusedAsPublished,
    int Draws, int Flips, double LargestGap, int DrawsRefused)
{
    internal static VariationRow Of(Variation variation, IReadOnlyList<ComparedChunk> chunks, FingerprintThresholds limits, FingerprintThresholds published) => new(
        variation.Name,
        variation.Honest,
        chunks.Count,
        chunks.Count(c => c.Equal),
        Percentiles.Of(chunks.Select(c => (double)c.Found.Mismatches * Fingerprint.Points / c.Found.Points)),
        Percentiles.Of(chunks.Select(c => c.Found.MeanError)),
        Percentiles.Of(chunks.Select(c => c.Found.MedianError)),
        chunks.Count(c => !limits.Accept(c.Found)),
        chunks.Count(c => !limits.Times(FingerprintThresholds.FarFactor).Accept(c.Found)),
        chunks.Count(c => !published.Accept(c.Found)),
        chunks.Sum(c => c.Draws),
        chunks.Sum(c => c.Gaps.Count),
        chunks.SelectMany(c => c.Gaps).DefaultIfEmpty().Max(),
        chunks.Sum(c => c.Gaps.Count(gap => gap > AuditComparison.BatchedGap)));
}

/// <summary>One chunk compared.</summary>
/// <param name="Equal">Bit for bit.</param>
/// <param name="Found">Distance of the fingerprints.</param>
/// <param name="Draws">Draws in it; 0 but on the last stage.</param>
/// <param name="Gaps">Gaps of the draws that came out otherwise.</param>
internal sealed record ComparedChunk(bool Equal, FingerprintComparison Found, int Draws, IReadOnlyList<double> Gaps);

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
/// <param name="HonestChunks">Comparisons of honest chunks.</param>
/// <param name="DistinctChunks">Different chunks among them.</param>
/// <param name="FalsePositives">Honest chunks refused, for their outputs or their draws: a referee is asked.</param>
/// <param name="FalseSlashes">Those that would have slashed who accused them.</param>
/// <param name="Limits">The limits in use.</param>
/// <param name="Machine">Where.</param>
/// <param name="Rows">One per variation.</param>
public sealed record CalibrationReport(
    string Model, int Stages, int Sequences, int HonestChunks, int DistinctChunks, int FalsePositives, int FalseSlashes, FingerprintThresholds Limits, Machine Machine, IReadOnlyList<VariationRow> Rows)
{
    /// <summary>No honest chunk or draw would have slashed anybody, and every chunk of int8 weights was refused.</summary>
    [JsonIgnore]
    public bool Holds => FalseSlashes == 0 && Rows.Where(r => r.Name.StartsWith("int8", StringComparison.Ordinal)).All(r => r.Refused == r.Chunks);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CalibrationReport))]
internal sealed partial class CalibrationJson : JsonSerializerContext;
