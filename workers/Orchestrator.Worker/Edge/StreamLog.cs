using Orchestrator.Contracts;

namespace Orchestrator.Worker.Edge;

/// <summary>All events of one session, kept until it expires so that any number of readers can start anywhere, any number of times.</summary>
public sealed class StreamLog(Digest tokenDigest, DateTimeOffset expiresAt)
{
    private readonly Lock gate = new();
    private readonly List<StreamEvent> events = [];
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool ended;

    /// <summary>SHA-256 of the bearer token that may read.</summary>
    public Digest TokenDigest => tokenDigest;

    /// <summary>When the events are dropped.</summary>
    public DateTimeOffset ExpiresAt => expiresAt;

    /// <summary>Events so far.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return events.Count;
        }
    }

    /// <summary>Whether the last event is there.</summary>
    public bool Ended
    {
        get
        {
            lock (gate)
                return ended;
        }
    }

    /// <summary>Adds an event; nothing is added after the last.</summary>
    public void Append(int choice, TokenDraw? draw, string text, FinishReason? finish = null, ChainFailure? failure = null, bool last = false)
    {
        TaskCompletionSource wake;
        lock (gate)
        {
            if (ended)
                return;
            events.Add(new StreamEvent(events.Count, choice, draw, text, finish, failure, last));
            ended = last;
            wake = more;
            more = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        wake.TrySetResult();
    }

    /// <summary>Events from a sequence on, waiting until there is one; empty when the session had its last event before it.</summary>
    public async ValueTask<IReadOnlyList<StreamEvent>> ReadAsync(long from, CancellationToken cancel)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (from < events.Count)
                    return events.GetRange((int)from, events.Count - (int)from);
                if (ended)
                    return [];
                wait = more.Task;
            }

            await wait.WaitAsync(cancel);
        }
    }
}
