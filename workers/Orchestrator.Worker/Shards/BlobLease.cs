namespace Orchestrator.Worker.Shards;

/// <summary>A cached blob in use. The lease is a shared lock on the file, which goes with the process.</summary>
public sealed class BlobLease : IDisposable
{
    private readonly FileStream hold;

    internal BlobLease(string path) => hold = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    /// <summary>Path of the blob.</summary>
    public string Path => hold.Name;

    /// <inheritdoc />
    public void Dispose() => hold.Dispose();

    /// <summary>Deletes a blob that nobody holds; false when somebody does.</summary>
    internal static bool TryDelete(string path)
    {
        try
        {
            using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e is FileNotFoundException or DirectoryNotFoundException;
        }
    }
}
