using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Orchestrator.Onnx.Execution;

/// <summary>
/// One graph output that leaves the stage. Passes of one token write into one buffer bound once; longer passes, and outputs whose
/// shape the manifest leaves open, let the runtime allocate.
/// </summary>
internal sealed unsafe class OutputSlot(OrtIoBinding binding, BoundaryTensor tensor) : IDisposable
{
    private AlignedBuffer? buffer;
    private long[]? bound;

    internal string Name => tensor.Name;

    /// <summary>Whether the runtime allocates this output in the prepared pass, so that it must be fetched.</summary>
    internal bool Allocated => bound is null;

    internal void Prepare(int tokens, int total)
    {
        long[]? shape = tokens == 1 ? TensorShapes.Resolve(tensor.Spec, tokens, total) : null;
        if (shape is null)
        {
            bound = null;
            binding.BindOutputToDevice(tensor.Name, OrtMemoryInfo.DefaultInstance);
        }
        else if (bound is null || !shape.AsSpan().SequenceEqual(bound))
        {
            BindOwn(shape);
        }
    }

    /// <summary>The tensor of the pass just run; <paramref name="fetched"/> is the runtime's value when <see cref="Allocated"/>.</summary>
    internal Tensor Take(OrtValue? fetched)
    {
        if (bound is not null)
            return new Tensor(tensor.Spec.ElementType, bound, buffer!.Memory[..TensorShapes.Bytes(tensor.Spec.ElementType, bound)]);
        var info = fetched!.GetTensorTypeAndShape();
        return new Tensor((ElementType)info.ElementDataType, info.Shape, new RuntimeMemory(fetched).Memory);
    }

    /// <inheritdoc />
    public void Dispose() => buffer?.Free();

    private void BindOwn(long[] shape)
    {
        int bytes = TensorShapes.Bytes(tensor.Spec.ElementType, shape);
        if (buffer is null || buffer.Length < bytes)
        {
            buffer?.Free();
            buffer = new AlignedBuffer(bytes);
        }

        using var value = OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.Spec.ElementType, shape, (nint)buffer.Pointer, bytes);
        binding.BindOutput(tensor.Name, value);
        bound = shape;
    }
}
