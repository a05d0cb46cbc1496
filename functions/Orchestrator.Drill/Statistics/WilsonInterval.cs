namespace Orchestrator.Drill.Statistics;

/// <summary>
/// Wilson's score interval for a proportion (Wilson 1927): the proportions whose own spread does not exclude what was seen. Unlike the textbook interval it stays within
/// 0 to 1 and means something at 0 of n.
/// </summary>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
public readonly record struct WilsonInterval(double Low, double High)
{
    /// <summary>Two-sided 95 %.</summary>
    public const double Z95 = 1.959963984540054;

    /// <summary>The interval for <paramref name="hits"/> of <paramref name="trials"/>; everything for no trials.</summary>
    public static WilsonInterval Of(int hits, int trials, double z = Z95)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(hits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hits, trials);
        if (trials == 0)
            return new(0, 1);
        double n = trials, share = hits / n, square = z * z;
        double middle = (share + square / (2 * n)) / (1 + square / n);
        double half = z / (1 + square / n) * Math.Sqrt(share * (1 - share) / n + square / (4 * n * n));
        return new(hits == 0 ? 0 : Math.Max(0, middle - half), hits == trials ? 1 : Math.Min(1, middle + half));
    }

    /// <summary>Whether a probability lies in it.</summary>
    public bool Holds(double probability) => probability >= Low - 1e-12 && probability <= High + 1e-12;
}
