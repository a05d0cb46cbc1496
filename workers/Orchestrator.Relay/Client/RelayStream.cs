using System.Net.Security;

namespace Orchestrator.Relay.Client;

/// <summary>
/// Bytes through a relay. Not an <see cref="SslStream"/> to whoever gets it: .NET's HTTP handler takes one for the TLS to the server and sends its request in
/// the clear, which here would mean to the relay.
/// </summary>
public sealed class RelayStream(SslStream outer) : Stream
{
    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => true;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Tells the other end that nothing more comes; reads go on.</summary>
    public Task EndWritesAsync() => outer.ShutdownAsync();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => outer.Read(buffer, offset, count);

    /// <inheritdoc />
    public override int Read(Span<byte> buffer) => outer.Read(buffer);

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => outer.ReadAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc />
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => outer.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => outer.Write(buffer, offset, count);

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<byte> buffer) => outer.Write(buffer);

    /// <inheritdoc />
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => outer.WriteAsync(buffer, offset, count, cancellationToken);

    /// <inheritdoc />
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => outer.WriteAsync(buffer, cancellationToken);

    /// <inheritdoc />
    public override void Flush() => outer.Flush();

    /// <inheritdoc />
    public override Task FlushAsync(CancellationToken cancellationToken) => outer.FlushAsync(cancellationToken);

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            outer.Dispose();
        base.Dispose(disposing);
    }
}
