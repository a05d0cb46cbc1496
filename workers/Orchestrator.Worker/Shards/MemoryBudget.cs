namespace Orchestrator.Worker.Shards;

/// <summary>Memory the node offers, shared by shards and key/value caches.</summary>
public sealed class MemoryBudget(long total)
{
    private readonly Lock gate = new();
    private long used;

    /// <summary>All of it, in bytes.</summary>
    public long Total => total;

    /// <summary>Bytes in use.</summary>
    public long Used
    {
        get
        {
            lock (gate)
                return used;
        }
    }

    /// <summary>Takes bytes; false when they do not fit.</summary>
    public bool TryTake(long bytes)
    {
        lock (gate)
        {
            if (bytes < 0 || bytes > total - used)
                return false;
            used += bytes;
            return true;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Return(long bytes)
    {
        lock (gate)
            used -= bytes;
    }
}
