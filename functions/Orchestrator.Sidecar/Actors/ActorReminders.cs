using System.Collections.Concurrent;
using System.Text.Json;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Apps;
using Orchestrator.Sidecar.Storage;
using Orchestrator.Sidecar.Time;

namespace Orchestrator.Sidecar.Actors;

/// <summary>
/// Reminders: stored, so they outlive the actor, the app and the sidecar; what fell due meanwhile fires at the start.
/// A tick that fails is tried three times more, a second apart, and then dropped, as the scheduler does.
/// </summary>
internal sealed class ActorReminders : IDisposable
{
    private const string Prefix = "|reminder|";
    private const int Retries = 3;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(ActorRef Actor, string Name), Armed> _armed = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ActorRuntime _runtime;
    private readonly IStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public ActorReminders(ActorRuntime runtime, IStore store, TimeProvider time, ILoggerFactory logs)
    {
        (_runtime, _store, _time, _log) = (runtime, store, time, logs.CreateLogger<ActorReminders>());
        foreach (var entry in store.Scan(Prefix, time.GetUtcNow()))
        {
            if (JsonSerializer.Deserialize(entry.Value, ReminderJson.Default.Reminder) is { } reminder)
            {
                Arm(reminder);
            }
        }
    }

    public void Register(App host, ActorRef actor, string name, TickBody body)
    {
        Check(host, actor);
        var schedule = DaprSchedule.Parse(body.DueTime, body.Period, body.Ttl, _time.GetUtcNow(), out var error)
            ?? throw new ApiException(400, StatusCode.InvalidArgument, "ERR_ACTOR_REMINDER_CREATE", error);
        var reminder = new Reminder(actor.Type, actor.Id, name, body, schedule);
        Save(reminder);
        Arm(reminder);
    }

    public Reminder? Get(App host, ActorRef actor, string name)
    {
        Check(host, actor);
        return _armed.TryGetValue((actor, name), out var armed) ? armed.Reminder : null;
    }

    public void Unregister(App host, ActorRef actor, string name)
    {
        Check(host, actor);
        Remove(actor, name);
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var armed in _armed.Values)
        {
            armed.Due?.Dispose();
        }
    }

    private void Check(App host, ActorRef actor)
    {
        if (!_runtime.TypesOf(host).Contains(actor.Type))
        {
            throw new ApiException(403, StatusCode.PermissionDenied, "ERR_ACTOR_REMINDER_NON_HOSTED", $"actor type {actor.Type} is not hosted by app '{host.Id}': register its reminders from the app that hosts it");
        }
    }

    private static string Key(ActorRef actor, string name) => $"{Prefix}{actor.Type}|{actor.Id}|{name}";

    private void Save(Reminder reminder) => _store.Write(
        [new StateWrite(Key(reminder.Actor, reminder.Name), JsonSerializer.SerializeToUtf8Bytes(reminder, ReminderJson.Default.Reminder))], true, _time.GetUtcNow());

    private void Remove(ActorRef actor, string name)
    {
        if (_armed.TryRemove((actor, name), out var armed))
        {
            armed.Due?.Dispose();
        }
        _store.Write([new StateWrite(Key(actor, name), null)], true, _time.GetUtcNow());
    }

    private void Arm(Reminder reminder)
    {
        var armed = new Armed(reminder);
        var key = (reminder.Actor, reminder.Name);
        if (_armed.TryGetValue(key, out var old))
        {
            old.Due?.Dispose();
        }
        _armed[key] = armed;
        armed.Due = new DueTimer(_time, reminder.Schedule.Due, () => _ = TickAsync(armed));
    }

    private async Task TickAsync(Armed armed)
    {
        var reminder = armed.Reminder;
        if (reminder.Schedule.Until is { } until && _time.GetUtcNow() > until)
        {
            Finish(armed, null);
            return;
        }
        for (var attempt = 0; IsCurrent(armed) && !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                await _runtime.InvokeAsync(
                    reminder.Actor, new ActorCall($"remind/{Uri.EscapeDataString(reminder.Name)}", reminder.Body.ToJson(), "application/json", [], null), _stop.Token);
                break;
            }
            catch (OperationCanceledException)
            {
                // Not ticked: it is still stored as due.
                return;
            }
            catch (ApiException e) when (attempt >= Retries)
            {
                ActorLog.TickDropped(_log, reminder.Name, reminder.Actor.Type, reminder.Actor.Id, e.Message);
                break;
            }
            catch (ApiException)
            {
                await Task.Delay(RetryPause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        Finish(armed, reminder.Schedule.AfterTick());
    }

    private void Finish(Armed armed, DaprSchedule? next)
    {
        // Replaced or deleted during its own tick: the newer one stands.
        if (!IsCurrent(armed) || _stop.IsCancellationRequested)
        {
            return;
        }
        if (next is null)
        {
            Remove(armed.Reminder.Actor, armed.Reminder.Name);
            return;
        }
        var now = _time.GetUtcNow();
        var reminder = armed.Reminder with { Schedule = next with { Due = next.Due < now ? now : next.Due } };
        Save(reminder);
        Arm(reminder);
    }

    private bool IsCurrent(Armed armed) =>
        _armed.TryGetValue((armed.Reminder.Actor, armed.Reminder.Name), out var current) && ReferenceEquals(current, armed);

    private sealed class Armed(Reminder reminder)
    {
        public Reminder Reminder => reminder;
        public DueTimer? Due { get; set; }
    }
}
