using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Actors;

/// <summary>Timers: held in memory with the active actor; ticks are turns; a tick that fails is not tried again.</summary>
internal sealed class ActorTimers(ActorRuntime runtime, TimeProvider time, ILoggerFactory logs)
{
    private const int MostPerActor = 1000;
    private readonly ILogger _log = logs.CreateLogger<ActorTimers>();

    public void Register(App host, ActorRef actor, string name, TickBody body)
    {
        var instance = runtime.Active(host, actor)
            ?? throw new ApiException(400, StatusCode.InvalidArgument, "ERR_ACTOR_INSTANCE_MISSING", $"actor {actor} is not active here");
        var schedule = DaprSchedule.Parse(body.DueTime, body.Period, body.Ttl, time.GetUtcNow(), out var error)
            ?? throw new ApiException(400, StatusCode.InvalidArgument, "ERR_ACTOR_TIMER_CREATE", error);
        if (instance.Timers.Count >= MostPerActor)
        {
            throw new ApiException(400, StatusCode.ResourceExhausted, "ERR_ACTOR_TIMER_CREATE", $"actor {actor} has {MostPerActor} timers: delete some");
        }
        Unregister(host, actor, name);
        var timer = new ActorTimer(name, body.ToJson(), schedule);
        instance.Timers[name] = timer;
        Arm(instance, timer);
    }

    public void Unregister(App host, ActorRef actor, string name)
    {
        if (runtime.Active(host, actor) is { } instance && instance.Timers.TryRemove(name, out var timer))
        {
            timer.Due?.Dispose();
        }
    }

    private void Arm(ActorInstance instance, ActorTimer timer) =>
        timer.Due = new DueTimer(time, timer.Schedule.Due, () => _ = TickAsync(instance, timer));

    private async Task TickAsync(ActorInstance instance, ActorTimer timer)
    {
        if (IsCurrent(instance, timer))
        {
            try
            {
                await runtime.InvokeAsync(instance.Actor, new ActorCall($"timer/{Uri.EscapeDataString(timer.Name)}", timer.Body, "application/json", [], null), default, only: instance);
            }
            catch (Exception e) when (e is ApiException or OperationCanceledException)
            {
                ActorLog.TimerFailed(_log, timer.Name, instance.Actor.Type, instance.Actor.Id, e.Message);
            }
        }
        if (!IsCurrent(instance, timer))
        {
            return;
        }
        if (timer.Schedule.AfterTick() is { } next)
        {
            // Ticks missed during a long turn are not made up for.
            timer.Schedule = next with { Due = next.Due < time.GetUtcNow() ? time.GetUtcNow() : next.Due };
            Arm(instance, timer);
        }
        else
        {
            instance.Timers.TryRemove(KeyValuePair.Create(timer.Name, timer));
        }
    }

    private static bool IsCurrent(ActorInstance instance, ActorTimer timer) =>
        !instance.Retired && instance.Timers.TryGetValue(timer.Name, out var current) && ReferenceEquals(current, timer);
}
