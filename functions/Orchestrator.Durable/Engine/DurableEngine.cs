using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Durable.Journal;

namespace Orchestrator.Durable.Engine;

/// <summary>
/// The embedded engine: owns a journal while it holds its lock, stands by while another engine does. Ownership raises the journal's epoch,
/// which every commit checks, so that no turn of a former owner can slip in.
/// </summary>
sealed class DurableEngine : IHostedService, IAsyncDisposable
{
    readonly EngineParts _parts;
    readonly CancellationTokenSource _stopping = new();
    readonly TaskCompletionSource _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _gate = new();
    EngineSession? _session;
    JournalLock? _lock;
    Task _watch = Task.CompletedTask;
    bool _disposed;

    public DurableEngine(
        DurableEngineOptions options,
        IEnumerable<WorkflowRegistration> workflows,
        IEnumerable<ActivityRegistration> activities,
        IServiceProvider services,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        Faults? faults = null)
    {
        OptionsCheck.Validate(options);
        loggers ??= NullLoggerFactory.Instance;
        _parts = new(
            options, new(options.JournalPath), new(options.JournalPath), new(workflows, activities), services, time ?? TimeProvider.System,
            loggers, loggers.CreateLogger("Orchestrator.Durable"), new(), faults ?? Faults.None);
        _parts.Writer.BeforeCommit = () => MayCrash(CrashPoint.DuringCommit);
        Client = new EmbeddedWorkflowClient(_parts, () => _session, MayCrash);
    }

    public IWorkflowClient Client { get; }

    public bool IsOwner => _session is not null;

    public EngineParts Parts => _parts;

    /// <summary>Completes when an injected fault has killed this engine.</summary>
    public Task Crashed => _crashed.Task;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await TryTakeOverAsync())
        {
            EngineLog.StandingBy(_parts.Log, _parts.Options.JournalPath);
        }
        _watch = WatchAsync(_stopping.Token);
    }

    /// <summary>Lets running turns commit and cancels running activities, which come again at the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _watch;
        if (Interlocked.Exchange(ref _session, null) is { } session)
        {
            session.Stop();
            await session.DisposeAsync().AsTask().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        Release();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        await StopAsync(new CancellationToken(_crashed.Task.IsCompleted));
        await _parts.Writer.DisposeAsync();
        _parts.Reader.Dispose();
        _stopping.Dispose();
    }

    /// <summary>Dies like a killed process: nothing more is committed, announced or run, and the lock is free.</summary>
    public void Kill()
    {
        _parts.Writer.Abandon();
        _session?.Stop();
        _stopping.Cancel();
        Release();
        _crashed.TrySetResult();
    }

    async Task<bool> TryTakeOverAsync()
    {
        var taken = JournalLock.TryTake(_parts.Options.JournalPath);
        if (taken is null)
        {
            return false;
        }
        lock (_gate)
        {
            _lock = taken;
        }
        try
        {
            var epoch = await _parts.Writer.WriteAsync(s => s.Scalar<long>(
                "UPDATE owner SET epoch = epoch + 1, name = $1 RETURNING epoch", $"{Environment.MachineName}:{Environment.ProcessId}")!.Value);
            var session = new EngineSession(_parts, epoch, MayCrash, Lost);
            session.Resume(() => _session = session);
            return true;
        }
        catch
        {
            Interlocked.Exchange(ref _session, null)?.Stop();
            Release();
            throw;
        }
    }

    async Task WatchAsync(CancellationToken stopping)
    {
        var seen = 0L;
        while (!stopping.IsCancellationRequested)
        {
            await Task.Delay(_parts.Options.PollInterval, _parts.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (stopping.IsCancellationRequested || (_session is null && await TryTakeOverAsync()))
                {
                    continue;
                }
                var version = await _parts.Writer.DataVersionAsync();
                if (version != seen && _session is { } session)
                {
                    session.CatchUp();
                    seen = version;
                }
            }
            catch (Exception error) when (!stopping.IsCancellationRequested)
            {
                EngineLog.WatchFailed(_parts.Log, _parts.Options.JournalPath, error);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
            }
        }
    }

    void Lost(EngineSession session, Exception reason)
    {
        if (Interlocked.CompareExchange(ref _session, null, session) == session)
        {
            EngineLog.Fenced(_parts.Log, _parts.Options.JournalPath, reason);
            Release();
        }
    }

    void MayCrash(CrashPoint point)
    {
        if (_crashed.Task.IsCompleted || _parts.Faults.Crashes(point))
        {
            Kill();
            throw new SimulatedCrashException(point);
        }
    }

    void Release()
    {
        lock (_gate)
        {
            _lock?.Dispose();
            _lock = null;
        }
    }
}
