using Microsoft.ML.OnnxRuntime;
using Orchestrator.Onnx.Execution;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Orchestrator.Onnx.Caches;

/// <summary>
/// Past and present are one buffer as long as the session may get, bound once. The kernel writes behind the past and reads no
/// further than the attention mask counts, so a rewind needs nothing but the shorter mask.
/// </summary>
internal sealed unsafe class SharedCache : IKeyValueCache
{
    private readonly List<AlignedBuffer> buffers = [];

    internal SharedCache(OrtIoBinding binding, IReadOnlyList<CacheGeometry> caches, int capacity)
    {
        foreach (var cache in caches)
        {
            var buffer = new AlignedBuffer(cache.TokenBytes * capacity);
            buffers.Add(buffer);
            using var value = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, (TensorElementType)cache.Tensor.Spec.ElementType, cache.Shape(capacity), (nint)buffer.Pointer, buffer.Length);
            binding.BindInput(cache.Tensor.Past, value);
            binding.BindOutput(cache.Tensor.Present, value);
        }
    }

    internal static long BytesPerToken(IEnumerable<CacheGeometry> caches) => caches.Sum(cache => cache.TokenBytes);

    /// <inheritdoc />
    public void Prepare(int position, int tokens)
    {
    }

    /// <inheritdoc />
    public void Commit()
    {
    }

    /// <inheritdoc />
    public void Rewind(int from, int to)
    {
    }

    /// <inheritdoc />
    public void Dispose() => buffers.ForEach(buffer => buffer.Free());
}
