using System.Buffers;
using System.Runtime.InteropServices;

namespace Orchestrator.Onnx.Execution;

/// <summary>
/// Zeroed native memory aligned as ONNX Runtime aligns its own. Kernels that peel loops up to an aligned address add in another
/// order elsewhere, so tensors bound at other addresses could differ in the last bits.
/// </summary>
internal sealed unsafe class AlignedBuffer : MemoryManager<byte>
{
    internal const int Alignment = 64;

    private byte* pointer;

    internal AlignedBuffer(long length)
    {
        Length = length;
        nuint size = checked((nuint)Math.Max(length, 1));
        pointer = (byte*)NativeMemory.AlignedAlloc(size, Alignment);
        NativeMemory.Clear(pointer, size);
        GC.AddMemoryPressure((long)size);
    }

    internal long Length { get; }

    internal byte* Pointer => pointer != null ? pointer : throw new ObjectDisposedException(nameof(AlignedBuffer));

    /// <inheritdoc />
    public override Span<byte> GetSpan() => new(Pointer, checked((int)Length));

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0) => new(Pointer + elementIndex, default, this);

    /// <inheritdoc />
    public override void Unpin()
    {
    }

    internal void Free() => Dispose(true);

    protected override void Dispose(bool disposing)
    {
        if (pointer == null)
            return;
        NativeMemory.AlignedFree(pointer);
        pointer = null;
        GC.RemoveMemoryPressure(Math.Max(Length, 1));
    }
}
