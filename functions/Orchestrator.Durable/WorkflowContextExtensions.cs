namespace Orchestrator.Durable;

/// <summary>Shorthands over <see cref="IWorkflowContext"/>, built from its members alone so that they behave alike on every engine.</summary>
public static class WorkflowContextExtensions
{
    /// <summary>Runs an activity for its effect.</summary>
    public static Task CallActivityAsync(this IWorkflowContext context, string name, object? input = null, RetryPolicy? retry = null) =>
        context.CallActivityAsync<object?>(name, input, retry);

    /// <summary>Runs a child workflow for its effect.</summary>
    public static Task CallChildAsync(
        this IWorkflowContext context, string name, object? input = null, string? instanceId = null, RetryPolicy? retry = null) =>
        context.CallChildAsync<object?>(name, input, instanceId, retry);

    /// <summary>A durable timer counted from the current turn.</summary>
    public static Task CreateTimerAsync(this IWorkflowContext context, TimeSpan delay, CancellationToken cancellationToken = default) =>
        context.CreateTimerAsync(context.UtcNow + delay, cancellationToken);

    /// <summary>Waits for an event, at most <paramref name="timeout"/> (a durable timer).</summary>
    /// <exception cref="TimeoutException">No event came in time; one that comes later stays buffered for the next wait.</exception>
    public static async Task<T> WaitForEventAsync<T>(
        this IWorkflowContext context, string name, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        using var timerLost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var waitLost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var arrival = context.WaitForEventAsync<T>(name, waitLost.Token);
        if (arrival.IsCompleted)
        {
            return await arrival;
        }
        var timer = context.CreateTimerAsync(context.UtcNow + timeout, timerLost.Token);
        await Task.WhenAny(arrival, timer);
        if (arrival.IsCompleted)
        {
            timerLost.Cancel();
            return await arrival;
        }
        waitLost.Cancel();
        await timer;
        throw new TimeoutException($"No event '{name}' reached workflow '{context.InstanceId}' within {timeout}.");
    }
}
