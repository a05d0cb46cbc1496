namespace Orchestrator.Sidecar.Faults;

/// <summary>Probability in [0, 1] of each fault; all zero by default. Can be replaced while the sidecar runs.</summary>
public sealed record FaultOptions
{
    /// <summary>A message is delivered twice, the copies possibly at once.</summary>
    public double Duplicate { get; set; }

    /// <summary>The handler ran and answered, but its answer is lost: the message comes again.</summary>
    public double LostAck { get; set; }

    /// <summary>A delivery waits a random time up to <see cref="LongestDelay"/>.</summary>
    public double Delay { get; set; }

    /// <summary>Upper bound of a delay. Default 200 ms.</summary>
    public TimeSpan LongestDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>A message goes behind those that wait.</summary>
    public double Reorder { get; set; }

    /// <summary>A publish is answered with an error; in half of the cases the message was stored all the same.</summary>
    public double PublishFailure { get; set; }

    /// <summary>A conditional state write is refused although its ETag matches.</summary>
    public double ETagConflict { get; set; }

    /// <summary>An actor is deactivated after a turn, so that the next turn activates it again.</summary>
    public double Rebalance { get; set; }

    /// <summary>A call to the sidecar's API is answered "unavailable" (HTTP 503, gRPC Unavailable) and has no effect.</summary>
    public double Unavailable { get; set; }

    /// <summary>Names the first value out of range, or null.</summary>
    internal string? Problem()
    {
        foreach (var (name, p) in new[]
        {
            (nameof(Duplicate), Duplicate), (nameof(LostAck), LostAck), (nameof(Delay), Delay), (nameof(Reorder), Reorder),
            (nameof(PublishFailure), PublishFailure), (nameof(ETagConflict), ETagConflict), (nameof(Rebalance), Rebalance), (nameof(Unavailable), Unavailable),
        })
        {
            if (!(p >= 0 && p <= 1))
            {
                return $"{name} must be a probability between 0 and 1, not {p}";
            }
        }
        return LongestDelay < TimeSpan.Zero || LongestDelay > TimeSpan.FromHours(1) ? "LongestDelay must be between 0 and one hour" : null;
    }
}
