namespace Orchestrator.Sidecar.Components;

/// <summary>A retry policy of a <c>Resiliency</c>: constant, or exponential with factor 1.5 and no randomness.</summary>
/// <param name="MaxRetries">Attempts after the first; -1 means no limit.</param>
internal sealed record RetryPolicy(bool Exponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries)
{
    private const double Factor = 1.5;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>One attempt and no more: what Dapr does without a policy.</summary>
    public static RetryPolicy None { get; } = new(false, TimeSpan.Zero, TimeSpan.Zero, 0);

    /// <summary>Wait before retry <paramref name="retry"/> (1 is the first), or null when there is none left.</summary>
    public TimeSpan? DelayBefore(int retry)
    {
        if (MaxRetries >= 0 && retry > MaxRetries)
        {
            return null;
        }
        if (!Exponential)
        {
            return Duration;
        }
        var ticks = Duration.Ticks * Math.Pow(Factor, Math.Min(retry - 1, 200));
        var limit = MaxInterval > TimeSpan.Zero ? MaxInterval : Longest;
        return ticks >= limit.Ticks ? limit : TimeSpan.FromTicks((long)ticks);
    }
}
