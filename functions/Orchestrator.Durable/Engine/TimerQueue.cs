using Orchestrator.Durable.Journal;

namespace Orchestrator.Durable.Engine;

/// <summary>Timers in the order they fall due, with one clock timer set for the first.</summary>
sealed class TimerQueue : IDisposable
{
    // A clock timer takes at most about 49 days; a longer wait is taken in steps.
    static readonly TimeSpan MaxStep = TimeSpan.FromDays(1);

    readonly SortedSet<TimerRow> _timers = new(Comparer<TimerRow>.Create((a, b) =>
        (a.DueAt, a.Execution, a.Id).CompareTo((b.DueAt, b.Execution, b.Id)) is var order and not 0
            ? order
            : string.CompareOrdinal(a.Instance, b.Instance)));
    readonly TimeProvider _time;
    readonly Action<TimerRow> _due;
    readonly ITimer _clock;
    bool _disposed;

    public TimerQueue(TimeProvider time, Action<TimerRow> due)
    {
        (_time, _due) = (time, due);
        _clock = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Change(IReadOnlyCollection<TimerRow> add, IReadOnlyCollection<TimerRow> remove)
    {
        if (add.Count + remove.Count == 0)
        {
            return;
        }
        lock (_timers)
        {
            _timers.UnionWith(add);
            _timers.ExceptWith(remove);
        }
        Fire();
    }

    public void Dispose()
    {
        lock (_timers)
        {
            _disposed = true;
            _timers.Clear();
        }
        _clock.Dispose();
    }

    void Fire()
    {
        var due = new List<TimerRow>();
        lock (_timers)
        {
            if (_disposed)
            {
                return;
            }
            var now = _time.GetUtcNow();
            while (_timers.Min is { } first && first.DueAt <= now)
            {
                _timers.Remove(first);
                due.Add(first);
            }
            var wait = _timers.Min is { } next ? TimeSpan.FromTicks(Math.Min((next.DueAt - now).Ticks, MaxStep.Ticks)) : Timeout.InfiniteTimeSpan;
            // Clock timers count in milliseconds: round up, or the last fraction is spent firing too early again and again.
            _clock.Change(wait < TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
        due.ForEach(_due);
    }
}
