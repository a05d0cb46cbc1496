using Microsoft.Extensions.Logging;

namespace Orchestrator.Durable;

/// <summary>
/// The only door from workflow code to the world. Every member is deterministic under replay and may be called only from workflow code,
/// on the workflow's own synchronization context (no <c>ConfigureAwait(false)</c>, no <c>Task.Run</c>).
/// </summary>
public interface IWorkflowContext
{
    /// <summary>Id of this instance, stable over <see cref="ContinueAsNew"/>.</summary>
    string InstanceId { get; }

    /// <summary>Registered name of the workflow.</summary>
    string Name { get; }

    /// <summary>Version the instance was started with; it replays with that version for its whole life.</summary>
    string Version { get; }

    /// <summary>The parent's instance id when started by <see cref="CallChildAsync{T}"/>, else null.</summary>
    string? ParentInstanceId { get; }

    /// <summary>When the current turn started, as recorded; it stands still between awaits.</summary>
    DateTimeOffset UtcNow { get; }

    /// <summary>True while the code only repeats what history already holds.</summary>
    bool IsReplaying { get; }

    /// <summary>An id derived from instance, execution and call count: the same on every replay.</summary>
    Guid NewGuid();

    /// <summary>Runs an activity.</summary>
    /// <exception cref="ActivityFailedException">The activity threw on every allowed attempt.</exception>
    Task<T> CallActivityAsync<T>(string name, object? input = null, RetryPolicy? retry = null);

    /// <summary>Runs another workflow and waits for its output.</summary>
    /// <param name="instanceId">Id for the child; null derives one from this instance, execution and sequence.</param>
    /// <exception cref="ChildFailedException">The child failed, was terminated, or its id belongs to another instance.</exception>
    Task<T> CallChildAsync<T>(string name, object? input = null, string? instanceId = null, RetryPolicy? retry = null);

    /// <summary>A durable timer. Cancel the token when a timer has lost its race, or it stays in the journal until due.</summary>
    Task CreateTimerAsync(DateTimeOffset dueAt, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes the next event of this name (case-insensitive), first in first out; events that came before the call are buffered.
    /// </summary>
    /// <exception cref="InvalidOperationException">Something already waits for this name: engines differ in whom they would serve.</exception>
    Task<T> WaitForEventAsync<T>(string name, CancellationToken cancellationToken = default);

    /// <summary>Raises an event on another instance; dropped when that instance does not exist or has finished.</summary>
    void SendEvent(string instanceId, string name, object? payload = null);

    /// <summary>What clients see in <see cref="WorkflowState.CustomStatusJson"/> from the end of this turn on.</summary>
    void SetCustomStatus(object? status);

    /// <summary>
    /// Ends this execution when the workflow returns and starts the next one with <paramref name="input"/> and an empty history.
    /// Results that arrive late for this execution are ignored.
    /// </summary>
    void ContinueAsNew(object? input, bool preserveUnprocessedEvents = true);

    /// <summary>A logger that stays silent while replaying.</summary>
    ILogger CreateReplaySafeLogger(string category);
}
