using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.TestKit;

/// <summary>A clock that runs as the real one does, until a test makes it jump or stand still.</summary>
public sealed class RunningClock : FakeTimeProvider, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly Timer driver;
    private readonly Lock ticking = new();
    private bool held;

    /// <summary>Starts at the present time.</summary>
    public RunningClock()
        : base(DateTimeOffset.UtcNow) => driver = new Timer(_ => Go(), null, Tick, Tick);

    /// <summary>Stands still from the return of this on.</summary>
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
    public void Dispose() => driver.Dispose();

    // Outside the lock: what is due then may be long.
    private void Go()
    {
        lock (ticking)
        {
            if (held)
                return;
        }

        Advance(Tick);
    }
}
