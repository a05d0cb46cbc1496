using Microsoft.ML.OnnxRuntime;
using Orchestrator.Onnx.Execution;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Orchestrator.Onnx.Caches;

/// <summary>
/// Two buffers per cache take turns: the graph reads past from one and writes present, one pass longer, into the other.
/// We copy nothing but on a rewind, and a failed pass leaves the past untouched.
/// </summary>
internal sealed class GrowingCache : IKeyValueCache
{
    private readonly OrtIoBinding binding;
    private readonly Pair[] pairs;

    internal GrowingCache(OrtIoBinding binding, IReadOnlyList<CacheGeometry> caches, int capacity)
    {
        this.binding = binding;
        pairs = [.. caches.Select(cache => new Pair(cache, capacity))];
    }

    internal static long BytesPerToken(IEnumerable<CacheGeometry> caches) => 2 * caches.Sum(cache => cache.TokenBytes);

    /// <inheritdoc />
    public void Prepare(int position, int tokens)
    {
        foreach (var pair in pairs)
            pair.Prepare(binding, position, position + tokens);
    }

    /// <inheritdoc />
    public void Commit()
    {
        foreach (var pair in pairs)
            pair.Swap();
    }

    /// <inheritdoc />
    public void Rewind(int from, int to)
    {
        foreach (var pair in pairs)
            pair.Cut(from, to);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var pair in pairs)
            pair.Dispose();
    }

    private sealed unsafe class Pair(CacheGeometry cache, int capacity) : IDisposable
    {
        private AlignedBuffer past = new(cache.TokenBytes * capacity);
        private AlignedBuffer present = new(cache.TokenBytes * capacity);
        private OrtValue? pastValue;
        private OrtValue? presentValue;

        internal void Prepare(OrtIoBinding binding, int position, int total)
        {
            presentValue?.Dispose();
            presentValue = null;
            pastValue ??= View(past, position);
            presentValue = View(present, total);
            binding.BindInput(cache.Tensor.Past, pastValue);
            binding.BindOutput(cache.Tensor.Present, presentValue);
        }

        internal void Swap()
        {
            pastValue?.Dispose();
            (past, present) = (present, past);
            (pastValue, presentValue) = (presentValue, null);
        }

        internal void Cut(int from, int to)
        {
            pastValue?.Dispose();
            pastValue = null;
            for (long head = 1; head < cache.Heads; head++)
            {
                long bytes = to * cache.RowBytes;
                Buffer.MemoryCopy(past.Pointer + head * from * cache.RowBytes, past.Pointer + head * bytes, past.Length - head * bytes, bytes);
            }
        }

        public void Dispose()
        {
            pastValue?.Dispose();
            presentValue?.Dispose();
            past.Free();
            present.Free();
        }

        private OrtValue View(AlignedBuffer buffer, int tokens) => OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)cache.Tensor.Spec.ElementType, cache.Shape(tokens), (nint)buffer.Pointer, cache.TokenBytes * tokens);
    }
}
