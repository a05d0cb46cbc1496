namespace Orchestrator.Durable;

/// <summary>Retries with durable timers between the attempts.</summary>
/// <param name="MaxAttempts">Attempts in all, the first included; at least 1.</param>
/// <param name="FirstDelay">Wait before the second attempt.</param>
public sealed record RetryPolicy(int MaxAttempts, TimeSpan FirstDelay)
{
    /// <summary>Each wait is this times the one before; at least 1.</summary>
    public double Backoff { get; init; } = 2;

    /// <summary>Longest wait between two attempts.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromHours(1);

    /// <summary>No attempt starts later than this after the first one; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Whether a failure is worth another attempt; null means every one is. Must be a pure function of the failure.</summary>
    public Func<FailureDetails, bool>? ShouldRetry { get; init; }

    /// <summary>The wait after failed attempt number <paramref name="attempt"/> (from 1).</summary>
    public TimeSpan DelayAfter(int attempt)
    {
        var ticks = FirstDelay.Ticks * Math.Pow(Math.Max(1, Backoff), attempt - 1);
        return ticks >= MaxDelay.Ticks ? MaxDelay : TimeSpan.FromTicks((long)ticks);
    }
}
