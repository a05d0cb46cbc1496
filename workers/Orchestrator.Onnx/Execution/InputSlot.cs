using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Orchestrator.Onnx.Execution;

/// <summary>One graph input of a session. As long as the shape stays, as in decoding, nothing is allocated or bound again.</summary>
internal sealed unsafe class InputSlot(OrtIoBinding binding, string name, ElementType type) : IDisposable
{
    /// <summary>Below this a copy into the bound buffer costs less than a new runtime handle.</summary>
    private const int SmallBytes = 1 << 16;

    private AlignedBuffer? buffer;
    private long[]? bound;
    private MemoryHandle pinned;

    internal string Name => name;

    /// <summary>Binds this slot's own buffer with a shape and returns it for filling; contents stay unless it has to grow.</summary>
    internal Span<byte> Prepare(ReadOnlySpan<long> shape)
    {
        int bytes = TensorShapes.Bytes(type, shape);
        if (bound is not null && shape.SequenceEqual(bound))
            return buffer!.GetSpan()[..bytes];
        Reserve(bytes);
        Bind(shape.ToArray(), buffer!.Pointer, bytes);
        bound = shape.ToArray();
        pinned.Dispose();
        pinned = default;
        return buffer.GetSpan()[..bytes];
    }

    /// <summary>Makes room for a known largest tensor and returns it for filling once.</summary>
    internal Span<byte> Reserve(int bytes)
    {
        if (buffer is null || buffer.Length < bytes)
        {
            bound = null;
            buffer?.Free();
            buffer = new AlignedBuffer(bytes);
        }

        return buffer.GetSpan();
    }

    /// <summary>Binds a checked tensor: small or unaligned ones by copy, others where they lie until <see cref="Release"/>.</summary>
    internal void Bind(Tensor tensor)
    {
        if (tensor.Bytes.Length > SmallBytes)
        {
            var handle = tensor.Bytes.Pin();
            if ((nuint)handle.Pointer % AlignedBuffer.Alignment == 0)
            {
                Bind(tensor.Shape, handle.Pointer, tensor.Bytes.Length);
                bound = null;
                pinned.Dispose();
                pinned = handle;
                return;
            }

            handle.Dispose();
        }

        tensor.Bytes.Span.CopyTo(Prepare(tensor.Shape));
    }

    /// <summary>Lets go of the caller's memory after a pass.</summary>
    internal void Release()
    {
        pinned.Dispose();
        pinned = default;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Release();
        buffer?.Free();
    }

    private void Bind(long[] shape, void* pointer, int bytes)
    {
        using var value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)type, shape, (nint)pointer, bytes);
        binding.BindInput(name, value);
    }
}
