using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>Root-mean-square normalization of rows with a learned gain (Zhang and Sennrich 2019), forward and backward.</summary>
internal static unsafe class RmsNorm
{
    /// <summary>y = gain · x / rms(x); keeps 1 / rms of each row for the way back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* x, float* gain, float* y, float* inverse, int rows, int width, float epsilon)
    {
        for (var row = 0; row < rows; row++, x += width, y += width)
        {
            var squares = Vector512<float>.Zero;
            for (var i = 0; i < width; i += Simd.Lanes)
            {
                var v = Vector512.Load(x + i);
                squares = Vector512.FusedMultiplyAdd(v, v, squares);
            }
            var scale = inverse[row] = 1f / MathF.Sqrt(Simd.Sum(squares) / width + epsilon);
            for (var i = 0; i < width; i += Simd.Lanes)
                (Vector512.Load(x + i) * scale * Vector512.Load(gain + i)).Store(y + i);
        }
    }

    /// <summary>Adds the gradient of x to <paramref name="dx"/> and that of the gain to <paramref name="dgain"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* x, float* gain, float* inverse, float* dy, float* dx, float* dgain, int rows, int width)
    {
        for (var row = 0; row < rows; row++, x += width, dy += width, dx += width)
        {
            var dots = Vector512<float>.Zero;
            var scale = inverse[row];
            for (var i = 0; i < width; i += Simd.Lanes)
            {
                var product = Vector512.Load(dy + i) * Vector512.Load(x + i);
                dots = Vector512.FusedMultiplyAdd(product, Vector512.Load(gain + i), dots);
                Vector512.FusedMultiplyAdd(product, Vector512.Create(scale), Vector512.Load(dgain + i)).Store(dgain + i);
            }
            var pull = Vector512.Create(-Simd.Sum(dots) * scale * scale / width);
            for (var i = 0; i < width; i += Simd.Lanes)
            {
                var inner = Vector512.FusedMultiplyAdd(Vector512.Load(x + i), pull, Vector512.Load(dy + i) * Vector512.Load(gain + i));
                Vector512.FusedMultiplyAdd(inner, Vector512.Create(scale), Vector512.Load(dx + i)).Store(dx + i);
            }
        }
    }
}
