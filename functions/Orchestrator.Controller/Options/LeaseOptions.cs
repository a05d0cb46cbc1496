namespace Orchestrator.Controller.Options;

/// <summary>Leader election over a Lease.</summary>
public sealed record LeaseOptions
{
    /// <summary>Name of the Lease. Default <c>orchestrator-controller</c>.</summary>
    public string Name { get; init; } = "orchestrator-controller";

    /// <summary>How long others wait for a silent leader. Default 15 s, whole seconds.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a leader tries to renew before it gives up; below <see cref="Duration"/>. Default 10 s.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time between two tries; below <see cref="RenewDeadline"/>. Default 2 s.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
