using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Execution;

/// <summary>Gives a manifest's symbolic axes their sizes for one pass, and holds tensors from outside against them.</summary>
internal static class TensorShapes
{
    /// <summary>The shape of a pass with batch 1, or null when an axis depends on something else.</summary>
    internal static long[]? Resolve(TensorSpec spec, int tokens, int total)
    {
        var shape = new long[spec.Shape.Count];
        for (int axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = SizeOf(spec.Shape[axis], tokens, total);
            if (shape[axis] < 0)
                return null;
        }

        return shape;
    }

    /// <summary>Bytes of a tensor.</summary>
    /// <exception cref="InvalidDataException">An axis is negative or the product does not fit an array.</exception>
    internal static int Bytes(ElementType type, ReadOnlySpan<long> shape)
    {
        long size = TensorSizes.SizeOf(type);
        foreach (long axis in shape)
        {
            if (axis < 0 || (size > 0 && axis > int.MaxValue / size))
                throw new InvalidDataException($"A tensor of shape [{string.Join(',', shape.ToArray())}] cannot be held.");
            size *= axis;
        }

        return (int)size;
    }

    /// <summary>Refuses a tensor that is not exactly what the manifest says arrives in this pass.</summary>
    /// <exception cref="InvalidDataException">Type, shape or size differ.</exception>
    internal static void Check(BoundaryTensor expected, Tensor tensor, int tokens, int total)
    {
        var spec = expected.Spec;
        if (tensor.Type != spec.ElementType)
            throw new InvalidDataException($"Tensor '{expected.Name}' must be {spec.ElementType}, not {tensor.Type}.");
        if (tensor.Shape is null || tensor.Shape.Length != spec.Shape.Count)
            throw new InvalidDataException($"Tensor '{expected.Name}' must have {spec.Shape.Count} axes.");
        for (int axis = 0; axis < tensor.Shape.Length; axis++)
        {
            long size = SizeOf(spec.Shape[axis], tokens, total);
            if (size >= 0 && tensor.Shape[axis] != size)
                throw new InvalidDataException($"Axis {axis} of tensor '{expected.Name}' must be {size}, not {tensor.Shape[axis]}.");
        }

        int bytes = Bytes(tensor.Type, tensor.Shape);
        if (tensor.Bytes.Length != bytes)
            throw new InvalidDataException($"Tensor '{expected.Name}' must have {bytes} bytes, not {tensor.Bytes.Length}.");
    }

    private static long SizeOf(long axis, int tokens, int total) => axis switch
    {
        TensorSizes.Batch => 1,
        TensorSizes.Sequence => tokens,
        TensorSizes.Total => total,
        _ => axis,
    };
}
