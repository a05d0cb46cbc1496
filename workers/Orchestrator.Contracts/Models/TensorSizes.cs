namespace Orchestrator.Contracts;

/// <summary>Sizes of tensors that a manifest describes. All arithmetic is checked.</summary>
public static class TensorSizes
{
    /// <summary>Axis of the batch.</summary>
    public const long Batch = -1;

    /// <summary>Axis of the tokens of this pass.</summary>
    public const long Sequence = -2;

    /// <summary>Axis of past and new tokens.</summary>
    public const long Total = -3;

    /// <summary>Any other symbolic axis.</summary>
    public const long Unknown = -4;

    /// <summary>Bytes of one element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not defined.</exception>
    public static int SizeOf(ElementType type) => ElementSize.Of(type) is > 0 and var size
        ? size
        : throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown element type.");

    /// <summary>
    /// What <see cref="TensorSpec.BytesPerToken"/> must be: bytes of one token with batch 1, where a tensor that has both a sequence
    /// and a total axis counts the whole context; 0 without either axis.
    /// </summary>
    /// <exception cref="OverflowException">More than 2^63 - 1 bytes.</exception>
    public static long BytesPerToken(ElementType type, IReadOnlyList<long> shape, int contextLength)
    {
        bool sequence = shape.Contains(Sequence);
        if (!sequence && !shape.Contains(Total))
            return 0;
        return Bytes(type, shape, batch: 1, sequence: 1, total: sequence ? contextLength : 1);
    }

    /// <summary>Bytes of a tensor for a given batch, tokens of the pass, and past and new tokens.</summary>
    /// <exception cref="OverflowException">More than 2^63 - 1 bytes.</exception>
    /// <exception cref="ArgumentException">The shape has an axis of unknown meaning.</exception>
    public static long Bytes(ElementType type, IReadOnlyList<long> shape, long batch, long sequence, long total)
    {
        long bytes = SizeOf(type);
        foreach (long axis in shape)
            bytes = checked(bytes * Resolve(axis, batch, sequence, total));
        return bytes;
    }

    /// <summary>The length of one axis.</summary>
    /// <exception cref="ArgumentException">The axis has an unknown meaning.</exception>
    public static long Resolve(long axis, long batch, long sequence, long total) => axis switch
    {
        >= 0 => axis,
        Batch => batch,
        Sequence => sequence,
        Total => total,
        _ => throw new ArgumentException($"The length of axis {axis} is not known before the pass.", nameof(axis)),
    };
}
