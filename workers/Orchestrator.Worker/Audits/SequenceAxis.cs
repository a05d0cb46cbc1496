using Orchestrator.Contracts;

namespace Orchestrator.Worker.Audits;

/// <summary>Joins and cuts tensors along the axis of a pass's tokens.</summary>
public static class SequenceAxis
{
    /// <summary>Puts tensors of successive passes behind each other.</summary>
    public static Tensor Join(TensorSpec spec, IReadOnlyList<Tensor> parts)
    {
        if (parts.Count == 1)
            return parts[0];
        var (axis, outer, _) = Axis(spec, parts[0]);
        long[] shape = [.. parts[0].Shape];
        shape[axis] = parts.Sum(part => part.Shape[axis]);
        byte[] joined = new byte[parts.Sum(part => part.Bytes.Length)];
        int at = 0;
        for (int row = 0; row < outer; row++)
        {
            foreach (var part in parts)
            {
                int run = part.Bytes.Length / outer;
                part.Bytes.Slice(row * run, run).CopyTo(joined.AsMemory(at));
                at += run;
            }
        }

        return new Tensor(parts[0].Type, shape, joined);
    }

    /// <summary>Takes some tokens out of a longer pass.</summary>
    public static Tensor Cut(TensorSpec spec, Tensor whole, int start, int tokens)
    {
        var (axis, outer, inner) = Axis(spec, whole);
        if (tokens == whole.Shape[axis])
            return whole;
        long[] shape = [.. whole.Shape];
        int run = whole.Bytes.Length / outer;
        shape[axis] = tokens;
        if (outer == 1)
            return new Tensor(whole.Type, shape, whole.Bytes.Slice(start * inner, tokens * inner));
        byte[] cut = new byte[outer * tokens * inner];
        for (int row = 0; row < outer; row++)
            whole.Bytes.Slice(row * run + start * inner, tokens * inner).CopyTo(cut.AsMemory(row * tokens * inner));
        return new Tensor(whole.Type, shape, cut);
    }

    // Rows before the axis, and bytes of one token in each.
    private static (int Axis, int Outer, int Inner) Axis(TensorSpec spec, Tensor tensor)
    {
        int axis = 0;
        while (spec.Shape[axis] != TensorSizes.Sequence)
            axis++;
        int outer = (int)tensor.Shape.Take(axis).Aggregate(1L, (product, length) => product * length);
        return (axis, outer, (int)(tensor.Bytes.Length / outer / Math.Max(1, tensor.Shape[axis])));
    }
}
