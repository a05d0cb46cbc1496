using System.Security.Cryptography;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;

namespace Orchestrator.ControlPlane.Models;

/// <summary>
/// Passes an upload on while counting and hashing it; the last read fails when the bytes are too many or not the ones announced, so that the store's copy
/// breaks off before the blob gets its name.
/// </summary>
internal sealed class CheckedStream(Stream source, long limit, Digest expected) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Bytes read.</summary>
    public long Count { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => Count;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await source.ReadAsync(buffer, cancellationToken);
        Count += read;
        if (Count > limit)
            throw ApiErrors.TooLarge(limit);
        hash.AppendData(buffer.Span[..read]);
        if (read == 0 && buffer.Length > 0)
        {
            var actual = Digest.FromHash(hash.GetCurrentHash());
            if (actual != expected)
                throw ApiErrors.BadParameter("digest", $"The bytes have the digest {actual}, not the one in the path.", "digest_mismatch");
        }

        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }
}
