namespace Orchestrator.Worker.Audits;

/// <summary>
/// Does the platform's tasks beside sessions: each id once, one at a time in order, none past its expiry. What waits or runs at a stop is dropped:
/// the platform asks again or another.
/// </summary>
public sealed class TaskDesk(TimeProvider time) : IAsyncDisposable
{
    /// <summary>Most tasks waiting.</summary>
    public const int MostWaiting = 64;

    /// <summary>Longest life of a task.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> seen = [];
    private readonly CancellationTokenSource stop = new();
    private Task last = Task.CompletedTask;
    private int waiting;

    /// <summary>Takes a task; what is wrong with it, or null.</summary>
    /// <param name="id">Tells tasks apart; a repeated one has no effect.</param>
    /// <param name="expiresAt">When it is worth nothing any more; its cancellation comes then.</param>
    /// <param name="work">Does it; reports what it cannot do itself.</param>
    public string? Take(string id, DateTimeOffset expiresAt, Func<CancellationToken, Task> work)
    {
        var now = time.GetUtcNow();
        if (expiresAt <= now || expiresAt > now + LongestLife)
            return "it has expired, or lives longer than a day";
        lock (gate)
        {
            foreach (string old in seen.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToArray())
                seen.Remove(old);
            if (stop.IsCancellationRequested)
                return "the node stops";
            if (waiting >= MostWaiting)
                return $"{MostWaiting} tasks wait already";
            if (!seen.TryAdd(id, expiresAt))
                return null;
            waiting++;
            last = RunAsync(last, expiresAt, work);
            return null;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task running;
        lock (gate)
        {
            stop.Cancel();
            running = last;
        }

        await running;
        stop.Dispose();
    }

    private async Task RunAsync(Task before, DateTimeOffset expiresAt, Func<CancellationToken, Task> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (gate)
            waiting--;
        var left = expiresAt - time.GetUtcNow();
        if (left <= TimeSpan.Zero || stop.IsCancellationRequested)
            return;
        using var limit = new CancellationTokenSource(left, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
        await work(both.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
