using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Blobs;

/// <summary>A blob on its way out. Who reads it from its begin to its end does not get the end when the bytes are not those of its name.</summary>
/// <param name="content">The blob; disposed with this.</param>
/// <param name="name">Its name.</param>
/// <param name="corrupt">Told what the bytes are instead.</param>
public sealed class ServedBlobStream(Stream content, Digest name, Action<Digest> corrupt) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long hashed;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => true;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => content.Length;

    /// <inheritdoc />
    public override long Position
    {
        get => content.Position;
        set => content.Position = value;
    }

    /// <inheritdoc />
    /// <exception cref="InvalidDataException">These would have been the last of bytes that are not the blob's.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        long from = content.Position;
        int read = await content.ReadAsync(buffer, cancellationToken);
        if (from != hashed || read == 0)
            return read;
        hash.AppendData(buffer.Span[..read]);
        hashed += read;
        if (hashed == content.Length && Digest.FromHash(hash.GetCurrentHash()) is var actual && actual != name)
        {
            corrupt(actual);
            throw new InvalidDataException($"Blob {name.Short} is stored with the bytes of {actual.Short}.");
        }

        return read;
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Blobs are read asynchronously.");

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => content.Seek(offset, origin);

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override async ValueTask DisposeAsync()
    {
        await content.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        content.Dispose();
        hash.Dispose();
        base.Dispose(disposing);
    }
}
