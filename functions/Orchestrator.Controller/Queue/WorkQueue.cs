using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Queue;

/// <summary>
/// Keys that want attention, each at most once, and never two at a time for one key: what comes while a key is worked on makes it run once more afterwards.
/// A key runs no sooner than the debounce after its last start, and after a failure only when its backoff is over or something fresh happened to it.
/// </summary>
public sealed class WorkQueue(TimeSpan debounce, Backoff backoff, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectKey, Entry> entries = [];
    private TaskCompletionSource changed = NewSignal();

    /// <summary>Keys that are due or will be, those worked on not counted.</summary>
    public int Depth
    {
        get
        {
            lock (gate)
                return entries.Values.Count(e => !e.Running && e.Due is { } due && due <= time.GetUtcNow());
        }
    }

    /// <summary>Something happened to a key.</summary>
    /// <param name="key">Which.</param>
    /// <param name="fresh">Whether it is news that ends a backoff: somebody changed what is wanted.</param>
    public void Add(ObjectKey key, bool fresh = false)
    {
        lock (gate)
        {
            var entry = EntryOf(key);
            if (fresh)
                entry.Failures = 0;
            if (entry.Running)
                entry.Again = true;
            else if (entry.Failures == 0)
                entry.Hasten(Earliest(entry));
            Signal();
        }
    }

    /// <summary>The next key that is due; must be given back with <see cref="Done"/> or <see cref="Failed"/>.</summary>
    public async Task<ObjectKey> TakeAsync(CancellationToken cancel)
    {
        while (true)
        {
            Task signal;
            TimeSpan? wait;
            lock (gate)
            {
                var now = time.GetUtcNow();
                var next = entries.Where(e => !e.Value.Running && e.Value.Due is not null).OrderBy(e => e.Value.Due).Select(e => (KeyValuePair<ObjectKey, Entry>?)e).FirstOrDefault();
                if (next is { } found && found.Value.Due <= now)
                {
                    found.Value.Start(now);
                    return found.Key;
                }

                (signal, wait) = (changed.Task, next?.Value.Due - now);
            }

            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(signal, Task.Delay(wait ?? Timeout.InfiniteTimeSpan, time, woken.Token));
            await woken.CancelAsync();
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A key was worked on; it runs again after <paramref name="again"/>, or at once when something happened meanwhile.</summary>
    public void Done(ObjectKey key, TimeSpan? again)
    {
        lock (gate)
        {
            var entry = EntryOf(key);
            entry.Failures = 0;
            Finish(key, entry, again);
        }
    }

    /// <summary>Work on a key failed; it runs again after its backoff.</summary>
    public void Failed(ObjectKey key)
    {
        lock (gate)
        {
            var entry = EntryOf(key);
            entry.Failures++;
            // What happened meanwhile is often the failure's own doing: it must not undo the backoff.
            entry.Again = false;
            Finish(key, entry, backoff.After(entry.Failures));
        }
    }

    private void Finish(ObjectKey key, Entry entry, TimeSpan? again)
    {
        entry.Running = false;
        if (again is { } wait)
            entry.Hasten(time.GetUtcNow() + wait);
        if (entry.Again)
            entry.Hasten(Earliest(entry));
        entry.Again = false;
        if (entry.Due is null)
            entries.Remove(key);
        Signal();
    }

    private DateTimeOffset Earliest(Entry entry)
    {
        var now = time.GetUtcNow();
        return entry.LastStart + debounce is { } due && due > now ? due : now;
    }

    private Entry EntryOf(ObjectKey key)
    {
        if (!entries.TryGetValue(key, out var entry))
            entries.Add(key, entry = new Entry());
        return entry;
    }

    private void Signal()
    {
        var wake = changed;
        changed = NewSignal();
        wake.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Entry
    {
        public DateTimeOffset? Due { get; private set; }

        public DateTimeOffset? LastStart { get; private set; }

        public bool Running { get; set; }

        public bool Again { get; set; }

        public int Failures { get; set; }

        public void Hasten(DateTimeOffset due) => Due = Due is { } earlier && earlier <= due ? earlier : due;

        public void Start(DateTimeOffset now) => (Running, Due, LastStart) = (true, null, now);
    }
}
