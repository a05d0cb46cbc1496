namespace Orchestrator.Worker.Gateway;

/// <summary>Pauses between attempts: the limit doubles, and each pause is drawn below it, so that nodes which lost the same gateway do not come back at once.</summary>
public sealed class Backoff(Random random)
{
    /// <summary>Limit of the first pause.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(250);

    /// <summary>Limit of every pause.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private int failures;

    /// <summary>The next pause, between a fifth of the limit and the limit.</summary>
    public TimeSpan Next()
    {
        double limit = Math.Min(First.TotalMilliseconds * Math.Pow(2, failures), Longest.TotalMilliseconds);
        failures = Math.Min(failures + 1, 30);
        return TimeSpan.FromMilliseconds(limit * (0.2 + 0.8 * random.NextDouble()));
    }

    /// <summary>It worked.</summary>
    public void Reset() => failures = 0;
}
