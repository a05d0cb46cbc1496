namespace Orchestrator.Contracts;

/// <summary>Content-addressed files: shards, manifests, results, evidence. A blob's name is the SHA-256 of its bytes.</summary>
public interface IBlobStore
{
    /// <summary>Stores a stream and returns its digest. Storing the same bytes twice is harmless.</summary>
    Task<Digest> PutAsync(Stream content, CancellationToken cancel = default);

    /// <summary>Whether the blob is there.</summary>
    Task<bool> ExistsAsync(Digest digest, CancellationToken cancel = default);

    /// <summary>Opens a blob for reading. The bytes are not checked: the reader verifies the digest.</summary>
    /// <exception cref="FileNotFoundException">There is no such blob.</exception>
    Task<Stream> OpenAsync(Digest digest, CancellationToken cancel = default);
}
