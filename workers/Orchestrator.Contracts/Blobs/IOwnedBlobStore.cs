namespace Orchestrator.Contracts;

/// <summary>A blob store as its owner sees it: it can be looked through and swept. Nodes never get this.</summary>
public interface IOwnedBlobStore : IBlobStore
{
    /// <summary>Stores a stream that must have this digest; when it has not, nothing is stored. Large content is best put this way: it needs no second copy.</summary>
    /// <exception cref="InvalidDataException">The bytes have another digest, or are more than the store takes.</exception>
    Task PutAsync(Digest expected, Stream content, CancellationToken cancel = default);

    /// <summary>Makes a blob as young as if it had just been put; false when there is none.</summary>
    Task<bool> TouchAsync(Digest digest, CancellationToken cancel = default);

    /// <summary>Every blob, in no order. Blobs that come or go meanwhile may be missing or listed.</summary>
    IAsyncEnumerable<BlobEntry> ListAsync(CancellationToken cancel = default);

    /// <summary>Deletes a blob unless it was put or touched after it was listed; whether it is gone because of this.</summary>
    Task<bool> DeleteAsync(BlobEntry entry, CancellationToken cancel = default);
}

/// <summary>A blob as listed.</summary>
/// <param name="Digest">Its name.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="StoredAt">When it was put or touched last, by the store's clock.</param>
/// <param name="Version">Changes with every put and touch; means nothing else.</param>
public sealed record BlobEntry(Digest Digest, long Bytes, DateTimeOffset StoredAt, string Version);
