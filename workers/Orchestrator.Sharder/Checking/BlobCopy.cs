using Orchestrator.Contracts;

namespace Orchestrator.Sharder.Checking;

/// <summary>Copies a blob to a file and checks its digest.</summary>
internal static class BlobCopy
{
    /// <summary>False when the blob is missing, larger than allowed, or not what its digest says; nothing useful is left at the path then.</summary>
    public static async Task<bool> TryCopyAsync(IBlobStore blobs, Digest digest, string path, long maxBytes, CancellationToken cancel)
    {
        if (!await blobs.ExistsAsync(digest, cancel))
            return false;
        await using var from = await blobs.OpenAsync(digest, cancel);
        await using var to = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            if (to.Length + read > maxBytes)
                return false;
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
        }

        to.Position = 0;
        return await Digest.OfAsync(to, cancel) == digest;
    }
}
