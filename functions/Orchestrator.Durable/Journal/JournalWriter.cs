using System.Threading.Channels;

namespace Orchestrator.Durable.Journal;

/// <summary>
/// The only writer of a journal in this process. Writes that wait at the same time share one transaction, hence one disk sync; each still
/// takes effect wholly or not at all, and is reported only after the commit.
/// </summary>
sealed class JournalWriter : IAsyncDisposable
{
    const int MaxWritesPerCommit = 128;

    readonly JournalSession _session;
    readonly Channel<Write> _queue = Channel.CreateUnbounded<Write>(new() { SingleReader = true });
    readonly Task _loop;
    volatile bool _dead;

    public JournalWriter(string path)
    {
        CreatePrivate(path);
        _session = new(path);
        Schema.Ensure(_session);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Called inside each transaction just before its commit; a test may throw to stand for a crash.</summary>
    public Action? BeforeCommit { get; set; }

    /// <summary>Commits what <paramref name="apply"/> writes. It may run twice (after a rollback), so it must not touch anything else.</summary>
    public Task<T> WriteAsync<T>(Func<JournalSession, T> apply)
    {
        var write = new Write<T>(apply);
        if (_dead || !_queue.Writer.TryWrite(write))
        {
            return Task.FromException<T>(new ObjectDisposedException(nameof(JournalWriter), "The journal is closed."));
        }
        return write.Task;
    }

    /// <summary>Whether another process has committed since the last call.</summary>
    public Task<long> DataVersionAsync() => WriteAsync(s => s.Scalar<long>("PRAGMA data_version") ?? 0);

    /// <summary>Stops without committing anything more, as a crash would.</summary>
    public void Abandon() => _dead = true;

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
        _session.Dispose();
    }

    // Payloads are nobody else's business; SQLite gives the files beside the journal the same mode. Only a file that does not exist may be
    // opened here: closing it would drop the POSIX locks that another connection of this process holds.
    static void CreatePrivate(string path)
    {
        if (!OperatingSystem.IsWindows() && !File.Exists(path))
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
    }

    async Task RunAsync()
    {
        var batch = new List<Write>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxWritesPerCommit && _queue.Reader.TryRead(out var write))
            {
                batch.Add(write);
            }
            // One bad write must not fail its neighbours: after a rollback each one gets a transaction of its own.
            if (!TryCommit(batch) && batch.Count > 1)
            {
                foreach (var write in batch)
                {
                    TryCommit([write]);
                }
            }
            foreach (var write in batch)
            {
                write.Report();
            }
        }
    }

    bool TryCommit(List<Write> batch)
    {
        Write? current = null;
        try
        {
            ObjectDisposedException.ThrowIf(_dead, this);
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var write in batch)
            {
                current = write;
                write.Apply(_session);
            }
            current = null;
            BeforeCommit?.Invoke();
            _session.Execute("COMMIT");
            return true;
        }
        catch (Exception error)
        {
            Rollback();
            foreach (var write in batch)
            {
                write.Error = current is null || write == current || batch.Count == 1 ? error : null;
            }
            return false;
        }
    }

    void Rollback()
    {
        try
        {
            _session.Execute("ROLLBACK");
        }
        catch (Microsoft.Data.Sqlite.SqliteException)
        {
            // SQLite has rolled back by itself, or the transaction never began.
        }
    }

    abstract class Write
    {
        public Exception? Error { get; set; }

        public abstract void Apply(JournalSession session);

        public abstract void Report();
    }

    sealed class Write<T>(Func<JournalSession, T> apply) : Write
    {
        readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T? _result;

        public Task<T> Task => _source.Task;

        public override void Apply(JournalSession session)
        {
            Error = null;
            _result = apply(session);
        }

        public override void Report()
        {
            if (Error is { } error)
            {
                _source.SetException(error);
            }
            else
            {
                _source.SetResult(_result!);
            }
        }
    }
}
