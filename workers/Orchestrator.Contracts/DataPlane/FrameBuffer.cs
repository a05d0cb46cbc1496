using System.Buffers;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>One encoded frame in a pooled array. One owner at a time; the owner disposes it.</summary>
public sealed class FrameBuffer : IDisposable
{
    private byte[]? array;

    /// <summary>Rents room for a frame; the bytes are not cleared.</summary>
    public FrameBuffer(int length)
    {
        array = ArrayPool<byte>.Shared.Rent(length);
        Length = length;
    }

    /// <summary>Bytes of the frame, its length field included.</summary>
    public int Length { get; }

    /// <summary>The frame's bytes.</summary>
    public Memory<byte> Memory => (array ?? throw new ObjectDisposedException(nameof(FrameBuffer))).AsMemory(0, Length);

    /// <summary>The frame's bytes.</summary>
    public Span<byte> Span => Memory.Span;

    /// <inheritdoc />
    public void Dispose()
    {
        byte[]? rented = Interlocked.Exchange(ref array, null);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
