namespace Orchestrator.Gateway.Nodes;

/// <summary>Lets so many units pass a second, and so many at once.</summary>
internal sealed class TokenBucket(double perSecond, double burst, TimeProvider time)
{
    private readonly double most = burst;
    private readonly Lock gate = new();
    private double level = burst;
    private long last = time.GetTimestamp();

    /// <summary>Takes units when they are there; else nothing is taken and the answer says when they will be.</summary>
    public bool TryTake(double units, out TimeSpan wait)
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            level = Math.Min(most, level + time.GetElapsedTime(last, now).TotalSeconds * perSecond);
            last = now;
            bool enough = level >= units;
            if (enough)
                level -= units;
            wait = enough ? TimeSpan.Zero : TimeSpan.FromSeconds((units - level) / perSecond);
            return enough;
        }
    }
}
