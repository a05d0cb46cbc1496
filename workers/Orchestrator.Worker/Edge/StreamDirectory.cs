using Orchestrator.Contracts;

namespace Orchestrator.Worker.Edge;

/// <summary>The streams of this edge's sessions. A reader may come before its session's assignment and waits for it.</summary>
public sealed class StreamDirectory(TimeProvider time)
{
    /// <summary>Longest wait for an assignment.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    /// <summary>Most readers waiting at a time.</summary>
    public const int MaxWaiting = 256;

    /// <summary>Most events kept over all sessions; beyond it the ended sessions that expire first are dropped early.</summary>
    public const int MaxEvents = 1_000_000;

    private readonly Lock gate = new();
    private readonly Dictionary<SessionId, StreamLog> logs = [];
    private TaskCompletionSource added = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int waiting;

    /// <summary>Makes a session's stream.</summary>
    public StreamLog Add(SessionId session, Digest tokenDigest, DateTimeOffset expiresAt)
    {
        var log = new StreamLog(tokenDigest, expiresAt);
        TaskCompletionSource wake;
        lock (gate)
        {
            logs[session] = log;
            wake = added;
            added = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.TrySetResult();
        return log;
    }

    /// <summary>A session's stream; null when none came in time.</summary>
    public async Task<StreamLog?> FindAsync(SessionId session, CancellationToken cancel)
    {
        if (Find(session, out var wait) is { } there)
            return there;
        using var limit = new CancellationTokenSource(LongestWait, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        if (Interlocked.Increment(ref waiting) > MaxWaiting)
            limit.Cancel();
        try
        {
            while (true)
            {
                await wait.WaitAsync(both.Token);
                if (Find(session, out wait) is { } log)
                    return log;
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <summary>Drops the streams that have expired, and ended ones while there are too many events.</summary>
    public void Sweep(int maxEvents = MaxEvents)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            foreach (var session in logs.Where(l => l.Value.ExpiresAt <= now).Select(l => l.Key).ToArray())
                logs.Remove(session);
            long events = logs.Values.Sum(l => (long)l.Count);
            foreach (var (session, log) in logs.Where(l => l.Value.Ended).OrderBy(l => l.Value.ExpiresAt).ToArray())
            {
                if (events <= maxEvents)
                    break;
                logs.Remove(session);
                events -= log.Count;
            }
        }
    }

    private StreamLog? Find(SessionId session, out Task wait)
    {
        lock (gate)
        {
            wait = added.Task;
            return logs.GetValueOrDefault(session);
        }
    }
}
