using System.Buffers;
using Microsoft.ML.OnnxRuntime;

namespace Orchestrator.Onnx.Execution;

/// <summary>A view of a tensor that the runtime allocated; the owner disposes the value.</summary>
internal sealed unsafe class RuntimeMemory : MemoryManager<byte>
{
    /// <summary>Kept so that the memory cannot be collected while a view of it is in use.</summary>
    private readonly OrtValue value;
    private readonly int length;
    private readonly byte* pointer;

    internal RuntimeMemory(OrtValue value)
    {
        this.value = value;
        var bytes = value.GetTensorMutableRawData();
        length = bytes.Length;
        fixed (byte* start = bytes)
            pointer = start;
    }

    /// <inheritdoc />
    public override Span<byte> GetSpan() => value.IsTensor ? new(pointer, length) : [];

    /// <inheritdoc />
    public override MemoryHandle Pin(int elementIndex = 0) => new(pointer + elementIndex, default, this);

    /// <inheritdoc />
    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
