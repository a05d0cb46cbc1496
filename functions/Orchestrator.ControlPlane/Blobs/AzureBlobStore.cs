using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Blobs;

/// <summary>
/// Blobs named by their digest in one container. Only bytes that have the name are written, over a blob that is there too: no upload changes what others read, but one
/// that has gone bad is whole again.
/// </summary>
/// <param name="container">The container; made when missing.</param>
/// <param name="maxBytes">Largest blob it takes.</param>
/// <param name="spool">Folder for content whose digest is not known before its end.</param>
public sealed class AzureBlobStore(BlobContainerClient container, long maxBytes, string spool) : IOwnedBlobStore
{
    private const string Touched = "touched";

    private Task? made;

    /// <inheritdoc />
    public async Task<Digest> PutAsync(Stream content, CancellationToken cancel = default)
    {
        string path = Path.Combine(spool, Path.GetRandomFileName());
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        await BlobCopy.CopyAsync(content, file, maxBytes, cancel);
        file.Position = 0;
        var digest = await Digest.OfAsync(file, cancel);
        file.Position = 0;
        await PutAsync(digest, file, cancel);
        return digest;
    }

    /// <inheritdoc />
    public async Task PutAsync(Digest expected, Stream content, CancellationToken cancel = default)
    {
        await MakeAsync(cancel);
        var blob = container.GetBlockBlobClient(Name(expected));
        var blocks = new BlockUpload(blob, maxBytes, cancel);
        try
        {
            await blocks.SendAsync(content);
            if (blocks.Digest != expected)
                throw BlobCopy.Mismatch(expected, blocks.Digest);
            // A commit fails when someone else's came first or holds a lease, which is as good; only a deletion right after that leaves nothing.
            if (!await blocks.TryCommitAsync() && !await TouchAsync(expected, cancel))
                throw new IOException($"Blob {expected.Short} was being written and deleted by others: try again.");
        }
        catch (RequestFailedException e) when (e.Status is 429 or 503)
        {
            throw new IOException($"The blob store is too busy to take blob {expected.Short}: try again later.", e);
        }
    }

    /// <inheritdoc />
    public async Task<bool> ExistsAsync(Digest digest, CancellationToken cancel = default) => await container.GetBlobClient(Name(digest)).ExistsAsync(cancel);

    /// <inheritdoc />
    public async Task<Stream> OpenAsync(Digest digest, CancellationToken cancel = default)
    {
        try
        {
            // Touching a blob changes its version, never its bytes: reads go on.
            return await container.GetBlobClient(Name(digest)).OpenReadAsync(new BlobOpenReadOptions(allowModifications: true), cancel);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            throw new FileNotFoundException($"Blob {digest.Short} is not in the store.", e);
        }
    }

    /// <inheritdoc />
    public async Task<bool> TouchAsync(Digest digest, CancellationToken cancel = default)
    {
        try
        {
            await container.GetBlobClient(Name(digest)).SetMetadataAsync(new Dictionary<string, string> { [Touched] = "1" }, cancellationToken: cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            // It is there, and nobody deletes it while somebody else has it leased.
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<BlobEntry> ListAsync([EnumeratorCancellation] CancellationToken cancel = default)
    {
        await MakeAsync(cancel);
        await foreach (var item in container.GetBlobsAsync(cancellationToken: cancel))
        {
            if (Digest.TryParse(item.Name, out var digest) && item.Properties is { LastModified: { } at, ContentLength: { } bytes, ETag: { } tag })
                yield return new BlobEntry(digest, bytes, at, tag.ToString());
        }
    }

    /// <inheritdoc />
    public async Task<bool> DeleteAsync(BlobEntry entry, CancellationToken cancel = default)
    {
        try
        {
            await container.GetBlobClient(Name(entry.Digest)).DeleteAsync(
                DeleteSnapshotsOption.IncludeSnapshots, new BlobRequestConditions { IfMatch = new ETag(entry.Version) }, cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 404 or 412)
        {
            return false;
        }
    }

    private Task MakeAsync(CancellationToken cancel) => made is { IsCompletedSuccessfully: true } done ? done : made = container.CreateIfNotExistsAsync(cancellationToken: cancel);

    private static string Name(Digest digest) =>
        digest.Value.Length == 64 ? digest.Value : throw new ArgumentException("The digest is empty.", nameof(digest));
}
