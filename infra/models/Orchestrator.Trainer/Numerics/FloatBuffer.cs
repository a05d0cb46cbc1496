using System.Runtime.InteropServices;

namespace Orchestrator.Trainer.Numerics;

/// <summary>Floats outside the garbage-collected heap, aligned to a cache line and cleared at first.</summary>
internal sealed unsafe class FloatBuffer : IDisposable
{
    public FloatBuffer(long length)
    {
        Length = checked((int)length);
        Pointer = (float*)NativeMemory.AlignedAlloc((nuint)Length * sizeof(float), 64);
        Span.Clear();
    }

    ~FloatBuffer() => Free();

    public float* Pointer { get; private set; }

    public int Length { get; }

    public Span<float> Span => new(Pointer, Length);

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
