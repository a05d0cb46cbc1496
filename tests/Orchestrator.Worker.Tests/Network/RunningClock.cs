using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>A clock that runs as the real one does, until a test makes it jump.</summary>
internal sealed class RunningClock : FakeTimeProvider, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);

    private readonly Timer driver;

    public RunningClock()
        : base(DateTimeOffset.UtcNow) => driver = new Timer(_ => Advance(Tick), null, Tick, Tick);

    public void Dispose() => driver.Dispose();
}
