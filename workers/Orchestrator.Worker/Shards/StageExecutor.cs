using System.Diagnostics;

namespace Orchestrator.Worker.Shards;

/// <summary>Something with passes to run, one at a time.</summary>
public interface IExecutable
{
    /// <summary>Whether the oldest item takes one short pass, so that the thread that brought it may run it.</summary>
    bool IsShort { get; }

    /// <summary>Runs the oldest item; true when another waits.</summary>
    bool RunNext();
}

/// <summary>
/// Runs the passes of one engine, one at a time, taking turns between sessions so that a long prefill delays others by one pass only.
/// <para>
/// It has a thread of its own. But a thread that lends itself (a link's, which has just read the frame) keeps a short item for itself when nothing
/// else runs or waits, and runs it as soon as it is done with the frame: waking another thread would cost more than all else on the way of a token.
/// </para>
/// </summary>
public sealed class StageExecutor : IAsyncDisposable
{
    /// <summary>A link is not read while its thread is lent: turns longer than this run on the executor's thread.</summary>
    private static readonly TimeSpan LongestLoan = TimeSpan.FromMilliseconds(250);

    [ThreadStatic]
    private static bool lent;

    [ThreadStatic]
    private static (StageExecutor Executor, IExecutable Item)? kept;

    private readonly Lock gate = new();
    private readonly Queue<IExecutable> turns = new();
    private readonly SemaphoreSlim wake = new(0);
    private readonly Task running;
    private bool busy;
    private bool ending;
    private TimeSpan lastShort;

    /// <summary>Starts the executor.</summary>
    public StageExecutor() => running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>From now on the calling thread may keep an item that it schedules; it calls <see cref="RunKept"/> soon after.</summary>
    public static void LendThread() => lent = true;

    /// <summary>Runs the item that the calling thread kept, if any.</summary>
    public static void RunKept()
    {
        if (kept is not { } turn)
            return;
        kept = null;
        // What the item schedules on other executors runs on theirs: stages of one node work side by side.
        lent = false;
        try
        {
            turn.Executor.RunHere(turn.Item);
        }
        finally
        {
            lent = true;
        }
    }

    /// <summary>Gives a session a turn; it must not have one already.</summary>
    public void Schedule(IExecutable session)
    {
        bool mayKeep = lent && kept is null && session.IsShort;
        lock (gate)
        {
            bool starts = !busy;
            busy = true;
            if (starts && mayKeep && lastShort < LongestLoan)
            {
                kept = (this, session);
                return;
            }

            turns.Enqueue(session);
            // Otherwise whoever is busy takes it.
            if (starts)
                wake.Release();
        }
    }

    /// <summary>Runs what is scheduled, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            ending = true;
            if (!busy)
                wake.Release();
        }

        await running;
        wake.Dispose();
    }

    private void RunHere(IExecutable session)
    {
        bool more = RunTimed(session);
        lock (gate)
        {
            if (more)
                turns.Enqueue(session);
            busy = turns.Count > 0;
            if (busy || ending)
                wake.Release();
        }
    }

    private bool RunTimed(IExecutable session)
    {
        bool isShort = session.IsShort;
        long start = Stopwatch.GetTimestamp();
        bool more = session.RunNext();
        if (isShort)
            lastShort = Stopwatch.GetElapsedTime(start);
        return more;
    }

    private void Run()
    {
        while (true)
        {
            wake.Wait();
            while (TryTake(out var session))
            {
                if (RunTimed(session))
                {
                    lock (gate)
                        turns.Enqueue(session);
                }
            }

            lock (gate)
            {
                if (ending && !busy)
                    return;
            }
        }
    }

    private bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IExecutable? session)
    {
        lock (gate)
        {
            if (turns.TryDequeue(out session))
                return true;
            busy = false;
            return false;
        }
    }
}
