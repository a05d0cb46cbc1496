namespace Orchestrator.Controller.Options;

/// <summary>How often the controller looks, and how it retries.</summary>
public sealed record PaceOptions
{
    /// <summary>Models reconciled at a time; never the same one twice. Default 8: it is mostly waiting, for up to 5 s where a worker's address is dead.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>Least time between two reconciliations of one model: many changes make one. Default 1 s.</summary>
    public TimeSpan Debounce { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>First wait after a failure; doubles with every further one, with up to a quarter of jitter. Default 1 s.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait after a failure. Default 5 min.</summary>
    public TimeSpan LongestBackoff { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the platform is asked about a model that is not ready: it cannot be watched. Default 10 s.</summary>
    public TimeSpan PollUnready { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a ready model is looked at again, and what somebody changed put back. Default 2 min.</summary>
    public TimeSpan PollReady { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long the API server keeps one watch open; a connection that died unnoticed costs no more than this. Default 5 min.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait for reconciliations under way at a stop. Default 20 s.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(20);
}
