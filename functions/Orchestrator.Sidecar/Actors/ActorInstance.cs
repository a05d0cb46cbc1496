using System.Collections.Concurrent;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Actors;

/// <summary>An actor that is active on a host: its turn, its timers, when it was last used.</summary>
internal sealed class ActorInstance(ActorRef actor, App host, ActorTypeConfig config, DateTimeOffset now)
{
    private long _lastUsedTicks = now.UtcTicks;

    public ActorRef Actor => actor;
    public App Host => host;
    public ActorTypeConfig Config => config;
    public TurnLock Turn { get; } = new();
    public ConcurrentDictionary<string, ActorTimer> Timers { get; } = new(StringComparer.Ordinal);

    /// <summary>Set when deactivated; a call that waited for the turn then starts over.</summary>
    public bool Retired { get; set; }

    /// <summary>Completes once it is out of the table, so that it may become active elsewhere.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public DueTimer? IdleTimer { get; set; }

    public DateTimeOffset LastUsed
    {
        get => new(Interlocked.Read(ref _lastUsedTicks), TimeSpan.Zero);
        set => Interlocked.Exchange(ref _lastUsedTicks, value.UtcTicks);
    }

    /// <summary>Ends its timers; the caller has removed it from the table.</summary>
    public void Retire()
    {
        Retired = true;
        IdleTimer?.Dispose();
        foreach (var timer in Timers.Values)
        {
            timer.Due?.Dispose();
        }
        Timers.Clear();
    }
}

/// <summary>A timer: gone when its actor is deactivated.</summary>
internal sealed class ActorTimer(string name, byte[] body, DaprSchedule schedule)
{
    public string Name => name;
    public byte[] Body => body;
    public DaprSchedule Schedule { get; set; } = schedule;
    public DueTimer? Due { get; set; }
}
