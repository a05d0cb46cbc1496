using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Traces;

/// <summary>
/// Caches before some passes, within a number of bytes: every k-th is kept, and k doubles (dropping every other) when they grow too many.
/// </summary>
internal sealed class CacheSnapshots(long limit)
{
    private readonly SortedList<int, IReadOnlyList<Tensor>> kept = [];
    private int every = 1;
    private long bytes;

    /// <summary>Keeps the caches before a pass when it is one of those to keep.</summary>
    public void Offer(int pass, IReadOnlyList<Tensor> caches)
    {
        if (pass == 0 || pass % every != 0 || !kept.TryAdd(pass, caches))
            return;
        bytes += SizeOf(caches);
        while (bytes > limit && kept.Count > 1)
        {
            every *= 2;
            foreach (int dropped in kept.Keys.Where(key => key % every != 0).ToArray())
            {
                bytes -= SizeOf(kept[dropped]);
                kept.Remove(dropped);
            }
        }
    }

    /// <summary>The latest kept caches at or before a pass; null when there are none.</summary>
    public (int Pass, IReadOnlyList<Tensor> Caches)? Before(int pass)
    {
        for (int i = kept.Count - 1; i >= 0; i--)
        {
            if (kept.Keys[i] <= pass)
                return (kept.Keys[i], kept.Values[i]);
        }

        return null;
    }

    private static long SizeOf(IReadOnlyList<Tensor> caches) => caches.Sum(cache => (long)cache.Bytes.Length);
}
