namespace Orchestrator.Sidecar.Time;

/// <summary>Calls back once at a point in time, however far away (plain timers stop at 49 days).</summary>
internal sealed class DueTimer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _due;
    private readonly Action _callback;
    private readonly ITimer _timer;
    private int _done;

    public DueTimer(TimeProvider time, DateTimeOffset due, Action callback)
    {
        _time = time;
        _due = due;
        _callback = callback;
        _timer = time.CreateTimer(static s => ((DueTimer)s!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(Remaining(), Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _done, 1);
        _timer.Dispose();
    }

    private TimeSpan Remaining()
    {
        var left = _due - _time.GetUtcNow();
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left > Longest ? Longest : left;
    }

    private void Tick()
    {
        var left = Remaining();
        if (left > TimeSpan.Zero)
        {
            // Round up: a real clock may fire a fraction of a millisecond early.
            _timer.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : left, Timeout.InfiniteTimeSpan);
        }
        else if (Interlocked.Exchange(ref _done, 1) == 0)
        {
            _callback();
        }
    }
}
