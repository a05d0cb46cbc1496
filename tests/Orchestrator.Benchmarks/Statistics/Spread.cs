namespace Orchestrator.Benchmarks.Statistics;

/// <summary>Median and the range that holds four fifths of the values, by linear interpolation between ranks.</summary>
public sealed record Spread(double P10, double Median, double P90)
{
    /// <summary>Summarizes one or more values.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return new(At(sorted, 0.1), At(sorted, 0.5), At(sorted, 0.9));
    }

    private static double At(double[] sorted, double quantile)
    {
        double rank = quantile * (sorted.Length - 1);
        int below = (int)rank;
        return below + 1 < sorted.Length ? sorted[below] + (rank - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
    }
}
