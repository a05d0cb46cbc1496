namespace Orchestrator.Durable;

/// <summary>Starts, signals and watches workflow instances from outside.</summary>
public interface IWorkflowClient
{
    /// <summary>
    /// Makes an instance durable and returns; it starts soon after. An id that exists, running or finished, is left alone and reported as
    /// <see cref="ScheduleOutcome.AlreadyExists"/>, so that a repeated request is harmless.
    /// </summary>
    /// <param name="name">Registered workflow name.</param>
    /// <param name="input">Input, serialized as JSON.</param>
    /// <param name="instanceId">1 to 200 characters.</param>
    /// <exception cref="ArgumentException">Unknown name or version, or an id out of range.</exception>
    Task<ScheduleOutcome> ScheduleAsync(
        string name, object? input, string instanceId, ScheduleOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts an event in an instance's inbox, durably. Nothing is buffered for an instance that does not exist: the caller is told and
    /// decides whether to try again (an unacknowledged pub/sub delivery does so by itself). Events are not deduplicated.
    /// </summary>
    Task<RaiseOutcome> RaiseEventAsync(string instanceId, string name, object? payload = null, CancellationToken cancellationToken = default);

    /// <summary>The instance's state, or null when there is none.</summary>
    Task<WorkflowState?> GetAsync(string instanceId, CancellationToken cancellationToken = default);

    /// <summary>Waits until the instance has finished, over any number of <see cref="IWorkflowContext.ContinueAsNew"/>.</summary>
    /// <exception cref="InstanceNotFoundException">There is no such instance.</exception>
    Task<WorkflowState> WaitForCompletionAsync(string instanceId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Ends a running instance without running its code again. Activities already scheduled still run; children go on.
    /// False when it does not exist or has finished.
    /// </summary>
    Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default);

    /// <summary>Forgets a finished instance and its history. False when it does not exist or still runs.</summary>
    Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default);

    /// <summary>Instances in the order of their ids.</summary>
    IAsyncEnumerable<WorkflowState> ListAsync(WorkflowQuery? query = null, CancellationToken cancellationToken = default);
}
