using System.Collections.Concurrent;
using Orchestrator.Durable.History;
using Orchestrator.Durable.Journal;

namespace Orchestrator.Durable.Engine;

/// <summary>One engine's time as owner of a journal: from taking it over to stopping, being fenced, or dying.</summary>
sealed class EngineSession : IAsyncDisposable
{
    readonly EngineParts _parts;
    readonly Action<EngineSession, Exception> _lost;
    readonly ConcurrentDictionary<string, InstanceMailbox> _mailboxes = new();
    readonly CancellationTokenSource _stopping = new();
    readonly WorkCounter _turnsRunning = new();
    readonly TurnRunner _turns;
    readonly ActivityDispatcher _activities;
    readonly TimerQueue _timers;
    readonly ExecutionCache _cache;
    readonly Action<CrashPoint> _mayCrash;
    long _lastExecution;
    long _lastMail;

    public EngineSession(EngineParts parts, long epoch, Action<CrashPoint> mayCrash, Action<EngineSession, Exception> lost)
    {
        _parts = parts;
        _lost = lost;
        _mayCrash = mayCrash;
        _turns = new(parts, epoch, Post, mayCrash);
        _activities = new(parts, Post, mayCrash, _stopping.Token);
        _timers = new(parts.Time, Due);
        _cache = new(parts.Options.MaxCachedInstances, CloseIfIdle);
        Epoch = epoch;
    }

    public long Epoch { get; }

    /// <summary>Goes on with everything the journal holds.</summary>
    /// <param name="publish">
    /// Lets clients signal this session: after the outbox is read, or fresh activities would be delivered twice, and before the inboxes are,
    /// or a message might fall between.
    /// </param>
    public void Resume(Action publish)
    {
        var activities = _parts.Reader.Activities();
        var timers = _parts.Reader.Timers();
        publish();
        var (starts, mail) = CatchUp();
        EngineLog.TakenOver(_parts.Log, _parts.Options.JournalPath, Epoch, activities.Count, timers.Count, starts, mail);
        activities.ForEach(_activities.Dispatch);
        _timers.Change(timers, []);
    }

    /// <summary>Picks up what other processes have written since.</summary>
    public (int Starts, int Mail) CatchUp()
    {
        var starts = _parts.Reader.StartsAfter(_lastExecution);
        var mail = _parts.Reader.MailAfter(_lastMail);
        _lastExecution = starts.Select(s => s.Execution).Append(_lastExecution).Max();
        _lastMail = mail.Select(m => m.Seq).Append(_lastMail).Max();
        _timers.Change(starts, []);
        mail.ForEach(m => Signal(m.Instance));
        return (starts.Count, mail.Count);
    }

    /// <summary>An instance was scheduled.</summary>
    public void Start(string instanceId, DateTimeOffset at) => _timers.Change([new(at, instanceId, 0, TimerRow.Start)], []);

    /// <summary>An instance has mail, or is due to start.</summary>
    public void Signal(string instanceId) => Post(instanceId, null);

    /// <summary>Stops at once: running turns may still commit, nothing new begins.</summary>
    public void Stop()
    {
        _stopping.Cancel();
        _timers.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Task.WhenAll(_turnsRunning.CloseAsync(), _activities.DrainAsync());
        _activities.Dispose();
        _stopping.Dispose();
    }

    void Due(TimerRow timer)
    {
        if (timer.Id == TimerRow.Start)
        {
            Signal(timer.Instance);
        }
        else
        {
            Post(timer.Instance, new Envelope(null, timer.Execution, new TimerFired(timer.Id)));
        }
    }

    void Post(string instanceId, Envelope? envelope)
    {
        for (var copies = envelope is null ? 1 : _parts.Faults.Copies(); copies > 0; copies--)
        {
            InstanceMailbox mailbox;
            bool wake;
            do
            {
                mailbox = _mailboxes.GetOrAdd(instanceId, static id => new(id));
            }
            while (!mailbox.TryPost(envelope, out wake));
            if (wake && _turnsRunning.TryEnter())
            {
                _ = Task.Run(() => RunTurnsAsync(mailbox));
            }
        }
    }

    async Task RunTurnsAsync(InstanceMailbox mailbox)
    {
        try
        {
            var max = SessionLimits.MessagesPerTurn(_parts.Options);
            while (!_stopping.IsCancellationRequested && mailbox.TryTake(max, out var memory, out var mail))
            {
                await RunTurnAsync(mailbox, memory, mail);
            }
            CloseIfIdle(mailbox);
        }
        finally
        {
            _turnsRunning.Exit();
        }
    }

    async Task RunTurnAsync(InstanceMailbox mailbox, List<Envelope> memory, bool mail)
    {
        try
        {
            if (await _turns.RunAsync(mailbox, memory, mail) is { } effects)
            {
                Announce(effects);
            }
            if (mailbox.Live is null)
            {
                _cache.Remove(mailbox);
            }
            else
            {
                _cache.Touch(mailbox);
            }
        }
        catch (SimulatedCrashException)
        {
            Stop();
        }
        catch (FencedException fenced)
        {
            Stop();
            _lost(this, fenced);
        }
        catch (Exception error) when (!_stopping.IsCancellationRequested)
        {
            // The code in memory has run ahead of the journal: forget it, keep the messages, and come back later.
            EngineLog.TurnFailed(_parts.Log, mailbox.InstanceId, error);
            mailbox.Live = null;
            await Task.Delay(_parts.Options.PollInterval, _parts.Time, _stopping.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            memory.ForEach(m => mailbox.TryPost(m, out _));
            mailbox.TryPost(null, out _);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // Whatever this turn would have committed comes again in the next session.
        }
    }

    void Announce(TurnEffects effects)
    {
        _timers.Change([.. effects.NewTimers, .. effects.Starts], effects.DeadTimers);
        effects.Activities.ForEach(_activities.Dispatch);
        foreach (var instanceId in effects.Mail)
        {
            Signal(instanceId);
        }
    }

    void CloseIfIdle(InstanceMailbox mailbox)
    {
        if (mailbox.TryClose())
        {
            _mailboxes.TryRemove(KeyValuePair.Create(mailbox.InstanceId, mailbox));
        }
    }
}
