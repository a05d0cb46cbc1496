namespace Orchestrator.TestKit;

/// <summary>Waiting with a limit whose failure says what the state was.</summary>
public static class Eventually
{
    /// <summary>Generous: only a broken test gets here.</summary>
    public const int LimitSeconds = 60;

    /// <summary>The result of a task.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task<T> Gets<T>(Task<T> task, Func<string> state)
    {
        await Ends(task, state);
        return await task;
    }

    /// <summary>Waits for a task, a signal for instance.</summary>
    /// <exception cref="TimeoutException">It did not end in time.</exception>
    public static async Task Ends(Task task, Func<string> state)
    {
        try
        {
            await task.WaitAsync(TimeSpan.FromSeconds(LimitSeconds));
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"Nothing for {LimitSeconds} s. State: {state()}");
        }
    }

    /// <summary>Asks again and again, for what cannot signal: other processes, files, sockets. In-process code awaits a <see cref="Recorder{T}"/>.</summary>
    /// <exception cref="TimeoutException">The condition never held.</exception>
    public static async Task Holds(Func<Task<bool>> condition, Func<string> state, int limitSeconds = LimitSeconds, CancellationToken cancel = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(limitSeconds));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        try
        {
            while (!await condition())
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"Not within {limitSeconds} s. State: {state()}");
        }
    }
}
