using System.Buffers;
using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Shards;

/// <summary>
/// Blobs on the node's disk by digest. What it hands out has been checked since the process started: a file that was damaged at rest is fetched again.
/// Processes may share the folder. Before it grows past its limit, the blobs that were used longest ago are deleted; those that a process holds stay.
/// </summary>
/// <param name="store">Where blobs come from.</param>
/// <param name="folder">Where they are kept.</param>
/// <param name="limit">Most bytes of the folder, as far as blobs in use allow.</param>
/// <param name="time">The clock.</param>
public sealed class BlobCache(IBlobStore store, string folder, long limit, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan LongestStall = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim one = new(1);
    private readonly HashSet<Digest> checkedBlobs = [];

    /// <summary>Path of the blob, after fetching it where needed.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="maxBytes">Most bytes it may have; a longer one is not stored.</param>
    /// <param name="cancel">Stops the transfer.</param>
    /// <exception cref="InvalidDataException">The store has other bytes under this name, or too many.</exception>
    /// <exception cref="FileNotFoundException">The store does not have it.</exception>
    public async Task<string> GetAsync(Digest digest, long maxBytes, CancellationToken cancel)
    {
        string path = PathOf(digest);
        await one.WaitAsync(cancel);
        try
        {
            await EnsureAsync(digest, path, maxBytes, cancel);
            return path;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>The blob as <see cref="GetAsync"/> gives it, kept from deletion in every process that shares the folder until the lease is disposed.</summary>
    public async Task<BlobLease> HoldAsync(Digest digest, long maxBytes, CancellationToken cancel)
    {
        string path = PathOf(digest);
        await one.WaitAsync(cancel);
        try
        {
            while (true)
            {
                await EnsureAsync(digest, path, maxBytes, cancel);
                try
                {
                    return new BlobLease(path);
                }
                catch (FileNotFoundException)
                {
                    // Another process deleted it between the two steps.
                }
            }
        }
        finally
        {
            one.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => one.Dispose();

    private static async Task<bool> MatchesAsync(string path, Digest digest, CancellationToken cancel)
    {
        if (!File.Exists(path))
            return false;
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        return await Digest.OfAsync(file, cancel) == digest;
    }

    private string PathOf(Digest digest) => Path.Combine(folder, digest.Value[..2], digest.Value);

    private async Task EnsureAsync(Digest digest, string path, long maxBytes, CancellationToken cancel)
    {
        bool known = checkedBlobs.Contains(digest) && File.Exists(path);
        if (!known && !await MatchesAsync(path, digest, cancel))
        {
            MakeRoom(maxBytes);
            await FetchAsync(digest, path, maxBytes, cancel);
        }

        checkedBlobs.Add(digest);
        try
        {
            // The order of deletion; file systems are often mounted without access times.
            File.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (IOException)
        {
            // Deleted by another process: whoever opens it finds out.
        }
    }

    private void MakeRoom(long bytes)
    {
        if (!Directory.Exists(folder))
            return;
        FileInfo[] blobs = [.. new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => Digest.TryParse(file.Name, out _))];
        long over = blobs.Sum(file => file.Length) + bytes - limit;
        foreach (var file in blobs.OrderBy(file => file.LastWriteTimeUtc))
        {
            if (over <= 0)
                return;
            if (BlobLease.TryDelete(file.FullName))
                over -= file.Length;
        }
    }

    private async Task FetchAsync(Digest digest, string path, long maxBytes, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = path + "." + Path.GetRandomFileName();
        try
        {
            await using (var source = await store.OpenAsync(digest, cancel))
            await using (var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, FileOptions.Asynchronous))
            {
                if (await CopyAsync(source, target, digest, maxBytes, cancel) != digest)
                    throw new InvalidDataException($"Blob {digest.Short} in the store has other bytes than its name says: publish it again.");
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private async Task<Digest> CopyAsync(Stream source, Stream target, Digest digest, long maxBytes, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(1 << 17);
        try
        {
            long total = 0;
            while (true)
            {
                // A store that stalls must not hold up the other shards for ever.
                using var limit = new CancellationTokenSource(LongestStall, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
                int read = await source.ReadAsync(buffer, both.Token);
                if (read == 0)
                    break;
                total += read;
                if (total > maxBytes)
                    throw new InvalidDataException($"Blob {digest.Short} in the store has more than the {maxBytes} bytes its manifest states.");
                hash.AppendData(buffer, 0, read);
                await target.WriteAsync(buffer.AsMemory(0, read), cancel);
            }

            return Digest.FromHash(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
