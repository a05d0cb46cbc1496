namespace Orchestrator.Contracts;

/// <summary>Blobs as files <c>ab/abcdef…</c> in a folder that processes may share: written to a temporary file, then renamed.</summary>
public sealed class FolderBlobStore(string folder) : IBlobStore
{
    /// <inheritdoc />
    public async Task<Digest> PutAsync(Stream content, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, Path.GetRandomFileName() + ".part");
        try
        {
            Digest digest;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous))
            {
                await content.CopyToAsync(file, cancel);
                file.Position = 0;
                digest = await Digest.OfAsync(file, cancel);
            }

            string path = PathOf(digest);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(temporary, path, overwrite: true);
            return digest;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

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

    private string PathOf(Digest digest) => digest.Value.Length == 64
        ? Path.Combine(folder, digest.Value[..2], digest.Value)
        : throw new ArgumentException("The digest is empty.", nameof(digest));
}
