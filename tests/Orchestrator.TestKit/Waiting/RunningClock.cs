using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.TestKit;

/// <summary>
/// A clock that runs as the real one does, until a test makes it jump or stand still. It stands still by itself while the process gets no processor: a machine that stalls for
/// seconds uses up nobody's patience.
/// </summary>
public sealed class RunningClock : FakeTimeProvider, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly Timer driver;
    private readonly Lock ticking = new();
    private long stamp;
    private long instant;
    private bool held;
    private bool disposed;

    /// <summary>Starts at the present time.</summary>
    public RunningClock()
        : base(DateTimeOffset.UtcNow)
    {
        driver = new Timer(_ => Go(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        driver.Change(Tick, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Stands still from the return of this on, but for a tick that is under way.</summary>
    public void Hold()
    {
        lock (ticking)
            held = true;
    }

    /// <summary>Runs again, from where it stood.</summary>
    public void Run()
    {
        lock (ticking)
            held = false;
    }

    /// <inheritdoc />
    // What happens between two ticks happens one after the other all the same: who asks for something read after now must not get what was read before.
    public override long GetTimestamp() => Next(ref stamp, base.GetTimestamp());

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => new(Next(ref instant, base.GetUtcNow().UtcTicks), TimeSpan.Zero);

    /// <inheritdoc />
    public void Dispose()
    {
        lock (ticking)
            disposed = true;
        driver.Dispose();
    }

    private static long Next(ref long last, long now)
    {
        while (true)
        {
            long before = Interlocked.Read(ref last), next = Math.Max(now, before + 1);
            if (Interlocked.CompareExchange(ref last, next, before) == before)
                return next;
        }
    }

    // One tick at a time, and the next only when the last is through: ticks that waited for the processor would else come all at once, as if nothing had stalled.
    private void Go()
    {
        bool runs;
        lock (ticking)
            runs = !held;
        // Outside the lock: what is due then may be long.
        if (runs)
            Advance(Tick);
        lock (ticking)
        {
            if (!disposed)
                driver.Change(Tick, Timeout.InfiniteTimeSpan);
        }
    }
}
