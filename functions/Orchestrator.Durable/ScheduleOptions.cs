namespace Orchestrator.Durable;

/// <summary>How to start an instance.</summary>
public sealed record ScheduleOptions
{
    /// <summary>Version to run; null takes the highest registered one.</summary>
    public string? Version { get; init; }

    /// <summary>Not before this moment; null starts at once.</summary>
    public DateTimeOffset? StartAt { get; init; }
}

/// <summary>What became of a request to schedule.</summary>
public enum ScheduleOutcome
{
    Created,
    AlreadyExists,
}

/// <summary>What became of a raised event.</summary>
public enum RaiseOutcome
{
    /// <summary>In the inbox, durably.</summary>
    Accepted,

    /// <summary>No such instance: try again if it may still be scheduled.</summary>
    NotFound,

    /// <summary>The instance has finished and takes no more events.</summary>
    Finished,
}
