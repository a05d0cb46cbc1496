namespace Orchestrator.TestKit;

/// <summary>
/// Collects what happened and lets a test await it. Nothing is polled: every <see cref="Add"/> wakes the waiters. Thread-safe.
/// </summary>
/// <param name="time">Ends a wait; the system's when null.</param>
public sealed class Recorder<T>(TimeProvider? time = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(Eventually.LimitSeconds);
    private readonly TimeProvider clock = time ?? TimeProvider.System;
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
    public Task<IReadOnlyList<T>> WhenAsync(Func<IReadOnlyList<T>, bool> condition, string what, CancellationToken cancel = default) =>
        CompleteAsync(all => condition(all) ? null : what, cancel);

    /// <summary>All items once nothing is missing. The limit is for the whole wait: items that keep coming do not prolong it.</summary>
    /// <param name="missing">What is still missing among the items so far; null when they are complete.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="TimeoutException">They never were complete; the message says what was missing last and what came.</exception>
    public async Task<IReadOnlyList<T>> CompleteAsync(Func<IReadOnlyList<T>, string?> missing, CancellationToken cancel = default)
    {
        long started = clock.GetTimestamp();
        while (true)
        {
            Task next;
            IReadOnlyList<T> now;
            lock (gate)
                (now, next) = ([.. items], changed.Task);
            if (missing(now) is not { } what)
                return now;
            var rest = Limit - clock.GetElapsedTime(started);
            try
            {
                await next.WaitAsync(rest > TimeSpan.Zero ? rest : throw new TimeoutException(), clock, cancel);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"Waited {Limit.TotalSeconds} s for {what}; {now.Count} items came, at last: {string.Join(" | ", now.TakeLast(20))}");
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
