namespace Orchestrator.TestKit;

/// <summary>
/// Collects what happened and lets a test await it. Nothing is polled: every <see cref="Add"/> wakes the waiters. Thread-safe.
/// </summary>
public sealed class Recorder<T>
{
    private readonly Lock gate = new();
    private readonly List<T> items = [];
    private TaskCompletionSource changed = NewSignal();

    /// <summary>What happened so far, in order.</summary>
    public IReadOnlyList<T> Items
    {
        get
        {
            lock (gate)
                return [.. items];
        }
    }

    /// <summary>Records something.</summary>
    public void Add(T item)
    {
        TaskCompletionSource wake;
        lock (gate)
        {
            items.Add(item);
            (wake, changed) = (changed, NewSignal());
        }

        wake.TrySetResult();
    }

    /// <summary>The first recorded item that matches, whether it came already or is yet to come.</summary>
    /// <exception cref="TimeoutException">None came; the message lists what did.</exception>
    public async Task<T> FirstAsync(Func<T, bool> match, string what, CancellationToken cancel = default)
    {
        var found = await WhenAsync(all => all.Any(match), what, cancel);
        return found.First(match);
    }

    /// <summary>All items once there are <paramref name="count"/> of them.</summary>
    /// <exception cref="TimeoutException">Fewer came; the message lists them.</exception>
    public Task<IReadOnlyList<T>> CountAsync(int count, CancellationToken cancel = default) =>
        WhenAsync(all => all.Count >= count, $"{count} items", cancel);

    /// <summary>All items once they satisfy a condition.</summary>
    /// <exception cref="TimeoutException">They never did; the message lists them.</exception>
    public async Task<IReadOnlyList<T>> WhenAsync(Func<IReadOnlyList<T>, bool> condition, string what, CancellationToken cancel = default)
    {
        var limit = TimeSpan.FromSeconds(Eventually.LimitSeconds);
        while (true)
        {
            Task next;
            IReadOnlyList<T> now;
            lock (gate)
                (now, next) = ([.. items], changed.Task);
            if (condition(now))
                return now;
            try
            {
                await next.WaitAsync(limit, cancel);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds} s for {what}; {now.Count} items came: {string.Join(" | ", now.TakeLast(20))}");
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
