namespace Orchestrator.Controller.Queue;

/// <summary>Waits that double, with jitter so that what failed together does not come back together.</summary>
/// <param name="first">Wait after the first failure.</param>
/// <param name="longest">No wait is longer, jitter included.</param>
/// <param name="random">Numbers in [0, 1).</param>
public sealed class Backoff(TimeSpan first, TimeSpan longest, Func<double> random)
{
    private const double Jitter = 0.25;

    /// <summary>Wait after so many failures in a row, from 1.</summary>
    public TimeSpan After(int failures)
    {
        double doubled = first.TotalSeconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 62));
        return TimeSpan.FromSeconds(Math.Min(doubled * (1 + Jitter * random()), longest.TotalSeconds));
    }
}
