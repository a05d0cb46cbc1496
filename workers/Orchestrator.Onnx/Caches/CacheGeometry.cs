using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Caches;

/// <summary>Sizes of one cache <c>[1, heads, sequence, head size]</c>.</summary>
internal sealed record CacheGeometry(CacheTensor Tensor, long Heads, long HeadSize)
{
    private const int MaxAxis = 1 << 20;

    /// <summary>Bytes of one token of one head.</summary>
    internal long RowBytes => HeadSize * TensorSizes.SizeOf(Tensor.Spec.ElementType);

    /// <summary>Bytes of one token over all heads.</summary>
    internal long TokenBytes => Heads * RowBytes;

    /// <summary>Reads a cache's sizes.</summary>
    /// <exception cref="InvalidDataException">The shape is not <c>[batch, heads, sequence, head size]</c> with two fixed axes.</exception>
    internal static CacheGeometry Of(CacheTensor tensor)
    {
        var shape = tensor.Spec.Shape;
        if (shape.Count != 4 || shape[1] is < 1 or > MaxAxis || shape[3] is < 1 or > MaxAxis || shape[2] >= 0)
            throw new InvalidDataException($"Cache '{tensor.Past}' must have the shape [batch, heads, sequence, head size] with fixed heads and head size.");
        var geometry = new CacheGeometry(tensor, shape[1], shape[3]);
        if (geometry.TokenBytes != tensor.Spec.BytesPerToken)
            throw new InvalidDataException($"Cache '{tensor.Past}' takes {geometry.TokenBytes} bytes per token, the manifest says {tensor.Spec.BytesPerToken}.");
        return geometry;
    }

    internal long[] Shape(long tokens) => [1, Heads, tokens, HeadSize];
}
