using System.Runtime.CompilerServices;

namespace Orchestrator.Contracts;

/// <summary>Blobs as files <c>ab/abcdef…</c> in a folder that processes may share: written to a temporary file, then renamed.</summary>
/// <param name="folder">The folder; made when missing.</param>
/// <param name="maxBytes">Largest blob it takes.</param>
/// <param name="time">Clock of <see cref="BlobEntry.StoredAt"/>; the system's when null.</param>
public sealed class FolderBlobStore(string folder, long maxBytes = long.MaxValue, TimeProvider? time = null) : IOwnedBlobStore
{
    private const string Partial = ".part";

    private readonly TimeProvider time = time ?? TimeProvider.System;

    /// <inheritdoc />
    public Task<Digest> PutAsync(Stream content, CancellationToken cancel = default) => StoreAsync(null, content, cancel);

    /// <inheritdoc />
    public Task PutAsync(Digest expected, Stream content, CancellationToken cancel = default) => StoreAsync(expected, content, cancel);

    /// <inheritdoc />
    public Task<bool> ExistsAsync(Digest digest, CancellationToken cancel = default) => Task.FromResult(File.Exists(PathOf(digest)));

    /// <inheritdoc />
    public Task<Stream> OpenAsync(Digest digest, CancellationToken cancel = default)
    {
        string path = PathOf(digest);
        if (!File.Exists(path))
            throw new FileNotFoundException($"Blob {digest.Short} is not in the store.", path);
        return Task.FromResult<Stream>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.Asynchronous));
    }

    /// <inheritdoc />
    public Task<bool> TouchAsync(Digest digest, CancellationToken cancel = default)
    {
        try
        {
            Stamp(PathOf(digest));
            return Task.FromResult(true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult(false);
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<BlobEntry> ListAsync([EnumeratorCancellation] CancellationToken cancel = default)
    {
        await Task.CompletedTask;
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1, AttributesToSkip = FileAttributes.ReparsePoint };
        if (!Directory.Exists(folder))
            yield break;
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", everywhere))
        {
            cancel.ThrowIfCancellationRequested();
            if (Digest.TryParse(file.Name, out var digest) && Describe(digest, file) is { } entry)
                yield return entry;
        }
    }

    /// <inheritdoc />
    public Task<bool> DeleteAsync(BlobEntry entry, CancellationToken cancel = default)
    {
        var file = new FileInfo(PathOf(entry.Digest));
        if (Describe(entry.Digest, file) is not { } now || now.Version != entry.Version)
            return Task.FromResult(false);
        file.Delete();
        return Task.FromResult(true);
    }

    private async Task<Digest> StoreAsync(Digest? expected, Stream content, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, Path.GetRandomFileName() + Partial);
        try
        {
            Digest digest;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous))
            {
                await BlobCopy.CopyAsync(content, file, maxBytes, cancel);
                file.Position = 0;
                digest = await Digest.OfAsync(file, cancel);
            }

            if (expected is { } announced && announced != digest)
                throw BlobCopy.Mismatch(announced, digest);
            string path = PathOf(digest);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Stamp(temporary);
            File.Move(temporary, path, overwrite: true);
            return digest;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    // File systems keep times coarsely when they set them themselves; a version must change with every write.
    private void Stamp(string path) => File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);

    private static BlobEntry? Describe(Digest digest, FileInfo file)
    {
        try
        {
            file.Refresh();
            return file.Exists ? new BlobEntry(digest, file.Length, file.LastWriteTimeUtc, file.LastWriteTimeUtc.Ticks.ToString()) : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(Digest digest) => digest.Value.Length == 64
        ? Path.Combine(folder, digest.Value[..2], digest.Value)
        : throw new ArgumentException("The digest is empty.", nameof(digest));
}
