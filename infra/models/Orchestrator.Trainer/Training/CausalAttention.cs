using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>
/// Causal grouped-query attention inside each example, forward and backward. Whole register tiles spill a few rows into the example
/// behind; examples go in order, so the next one overwrites them, and the caller leaves <see cref="Gemm.TileRows"/> spare rows at the end.
/// </summary>
internal sealed unsafe class CausalAttention : IDisposable
{
    private const int LongestRows = (Batch.LongestExample + Gemm.TileRows - 1) / Gemm.TileRows * Gemm.TileRows;
    private const int LongestStride = (Batch.LongestExample + PackedMatrix.Width - 1) / PackedMatrix.Width * PackedMatrix.Width;

    private readonly LlamaConfig config;
    private readonly float scale;
    private readonly PackedMatrix packed;
    private readonly FloatBuffer slope = new(LongestRows * LongestStride);

    public CausalAttention(LlamaConfig config)
    {
        this.config = config;
        scale = 1f / MathF.Sqrt(config.HeadDim);
        packed = new PackedMatrix(Math.Max(LongestRows, config.HeadDim), Math.Max(LongestStride, config.HeadDim));
    }

    /// <summary>Floats needed to keep the attention weights of any batch of that many tokens.</summary>
    public static long WeightsCapacity(LlamaConfig config, int tokens) => (long)config.Heads * (tokens * 2) * LongestStride;

    public void Forward(Batch batch, float* query, float* key, float* value, float* output, float* weights)
    {
        foreach (var (start, length) in batch.Examples)
        {
            var stride = Stride(length);
            for (var head = 0; head < config.Heads; head++, weights += Rows(length) * stride)
            {
                var (q, kv) = Places(start, head);
                packed.Pack(key + kv, config.HeadDim, length, 1, config.KvWidth);
                Gemm.Multiply(query + q, config.QueryWidth, 1, length, packed, weights, stride);
                Softmax(weights, length, stride);
                packed.Pack(value + kv, length, config.HeadDim, config.KvWidth, 1);
                Gemm.Multiply(weights, stride, 1, length, packed, output + q, config.QueryWidth);
            }
        }
    }

    public void Backward(Batch batch, float* query, float* key, float* value, float* weights, float* doutput, float* dquery, float* dkey, float* dvalue)
    {
        foreach (var (start, length) in batch.Examples)
        {
            var stride = Stride(length);
            for (var head = 0; head < config.Heads; head++, weights += Rows(length) * stride)
            {
                var (q, kv) = Places(start, head);
                var shared = head % config.HeadsPerKv != 0;
                packed.Pack(doutput + q, length, config.HeadDim, config.QueryWidth, 1);
                Gemm.Multiply(weights, 1, stride, length, packed, dvalue + kv, config.KvWidth, shared);
                packed.Pack(value + kv, config.HeadDim, length, 1, config.KvWidth);
                Gemm.Multiply(doutput + q, config.QueryWidth, 1, length, packed, slope.Pointer, stride);
                SoftmaxBackward(weights, slope.Pointer, length, stride);
                packed.Pack(key + kv, length, config.HeadDim, config.KvWidth, 1);
                Gemm.Multiply(slope.Pointer, stride, 1, length, packed, dquery + q, config.QueryWidth);
                packed.Pack(query + q, length, config.HeadDim, config.QueryWidth, 1);
                Gemm.Multiply(slope.Pointer, 1, stride, length, packed, dkey + kv, config.KvWidth, shared);
            }
        }
    }

    public void Dispose()
    {
        packed.Dispose();
        slope.Dispose();
    }

    private static int Stride(int length) => (length + PackedMatrix.Width - 1) / PackedMatrix.Width * PackedMatrix.Width;

    private static int Rows(int length) => (length + Gemm.TileRows - 1) / Gemm.TileRows * Gemm.TileRows;

    private (long Query, long KeyValue) Places(int start, int head) =>
        ((long)start * config.QueryWidth + head * config.HeadDim, (long)start * config.KvWidth + head / config.HeadsPerKv * config.HeadDim);

    /// <summary>Scales, masks and normalizes scores in place; everything past the diagonal becomes zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Softmax(float* scores, int length, int stride)
    {
        for (var row = 0; row < length; row++, scores += stride)
        {
            new Span<float>(scores + row + 1, stride - row - 1).Fill(float.NegativeInfinity);
            var peak = Vector512.Load(scores);
            for (var i = Simd.Lanes; i <= row; i += Simd.Lanes)
                peak = Vector512.Max(peak, Vector512.Load(scores + i));
            var max = peak[0];
            for (var lane = 1; lane < Simd.Lanes; lane++)
                max = MathF.Max(max, peak[lane]);
            var sums = Vector512<float>.Zero;
            for (var i = 0; i <= row; i += Simd.Lanes)
            {
                var e = Simd.Exp((Vector512.Load(scores + i) - Vector512.Create(max)) * scale);
                e.Store(scores + i);
                sums += Vector512.ConditionalSelect(Vector512.LessThanOrEqual(Vector512<int>.Indices + Vector512.Create(i), Vector512.Create(row)).AsSingle(), e, Vector512<float>.Zero);
            }
            var inverse = 1f / Simd.Sum(sums);
            for (var i = 0; i <= row; i += Simd.Lanes)
                (Vector512.Load(scores + i) * inverse).Store(scores + i);
            new Span<float>(scores + row + 1, stride - row - 1).Clear();
        }
    }

    /// <summary>Turns the gradient of the weights, in place, into that of the unscaled scores.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SoftmaxBackward(float* weights, float* slope, int length, int stride)
    {
        for (var row = 0; row < length; row++, weights += stride, slope += stride)
        {
            var dots = Vector512<float>.Zero;
            for (var i = 0; i <= row; i += Simd.Lanes)
                dots = Vector512.FusedMultiplyAdd(Vector512.Load(weights + i), Vector512.Load(slope + i), dots);
            var dot = Vector512.Create(Simd.Sum(dots));
            for (var i = 0; i < stride; i += Simd.Lanes)
                (Vector512.Load(weights + i) * (Vector512.Load(slope + i) - dot) * scale).Store(slope + i);
        }
    }
}
