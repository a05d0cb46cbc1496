namespace Orchestrator.Relay.Server;

/// <summary>
/// Spends at a steady rate with a bounded burst. Whoever takes more than there is goes into debt and waits until it is paid off, so large amounts need no
/// special case and waiters need no queue.
/// </summary>
public sealed class TokenBucket
{
    private readonly Lock gate = new();
    private readonly double perSecond;
    private readonly double burst;
    private readonly TimeProvider time;
    private double level;
    private long since;

    /// <summary>A full bucket.</summary>
    public TokenBucket(double perSecond, double burst, TimeProvider time)
    {
        (this.perSecond, this.burst, this.time) = (perSecond, burst, time);
        (level, since) = (burst, time.GetTimestamp());
    }

    /// <summary>Whether nothing was taken lately.</summary>
    public bool IsFull
    {
        get
        {
            lock (gate)
            {
                Refill();
                return level >= burst;
            }
        }
    }

    /// <summary>Takes an amount and says how long to wait before going on.</summary>
    public TimeSpan Take(double amount)
    {
        lock (gate)
        {
            Refill();
            level -= amount;
            return level >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-level / perSecond);
        }
    }

    /// <summary>Takes an amount if it is there.</summary>
    public bool TryTake(double amount)
    {
        lock (gate)
        {
            Refill();
            if (level < amount)
                return false;
            level -= amount;
            return true;
        }
    }

    private void Refill()
    {
        long now = time.GetTimestamp();
        level = Math.Min(burst, level + time.GetElapsedTime(since, now).TotalSeconds * perSecond);
        since = now;
    }
}
