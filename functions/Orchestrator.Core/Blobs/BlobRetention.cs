using Orchestrator.Contracts;

namespace Orchestrator.Core.Blobs;

/// <summary>Which blobs of a store may go. What is pinned (published models) always stays; the rest is evidence, replaced models and uploads never published.</summary>
/// <param name="Retention">Age at which a blob goes.</param>
/// <param name="NeededFor">Age below which nothing goes, however full the store is: a running job or check may need it.</param>
/// <param name="MaxUnpinnedBytes">Most bytes that are kept beside what is pinned; the oldest go first.</param>
public sealed record BlobRetention(TimeSpan Retention, TimeSpan NeededFor, long MaxUnpinnedBytes)
{
    /// <summary>The blobs that may go, oldest first.</summary>
    /// <param name="blobs">What the store holds, in any order.</param>
    /// <param name="pinned">What published models are made of.</param>
    /// <param name="now">The time now; a blob from the future counts as new.</param>
    public IReadOnlyList<BlobEntry> Decide(IEnumerable<BlobEntry> blobs, IReadOnlySet<Digest> pinned, DateTimeOffset now)
    {
        // By name where times are equal: replicas that sweep the same store agree.
        var loose = blobs.Where(b => !pinned.Contains(b.Digest)).OrderBy(b => b.StoredAt).ThenBy(b => b.Digest.Value, StringComparer.Ordinal).ToList();
        var over = loose.Aggregate(Int128.Zero, (sum, blob) => sum + blob.Bytes) - MaxUnpinnedBytes;
        List<BlobEntry> gone = [];
        foreach (var blob in loose)
        {
            var age = now - blob.StoredAt;
            if (age < NeededFor || (age < Retention && over <= 0))
                break;
            gone.Add(blob);
            over -= blob.Bytes;
        }

        return gone;
    }
}
