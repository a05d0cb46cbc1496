namespace Orchestrator.Benchmarks.Statistics;

/// <summary>Where the median of what was sampled lies with 95 % confidence, by ranks: nothing is assumed of how values are spread.</summary>
public sealed record MedianInterval(double Low, double High)
{
    /// <summary>The interval; all of the range when there are too few values to leave any out.</summary>
    public static MedianInterval Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int outside = Math.Max(0, (int)((sorted.Length - 1.96 * Math.Sqrt(sorted.Length)) / 2) - 1);
        return new(sorted[outside], sorted[^(outside + 1)]);
    }
}
