using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>The gate of the feed-forward block (Shazeer 2020): out = gate · sigmoid(gate) · up, elementwise.</summary>
internal static unsafe class SwiGlu
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* gate, float* up, float* y, int count)
    {
        for (var i = 0; i < count; i += Simd.Lanes)
        {
            var g = Vector512.Load(gate + i);
            (g * Sigmoid(g) * Vector512.Load(up + i)).Store(y + i);
        }
    }

    /// <summary>Replaces nothing but the two gradients: <paramref name="dgate"/> may be <paramref name="dy"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* gate, float* up, float* dy, float* dgate, float* dup, int count)
    {
        for (var i = 0; i < count; i += Simd.Lanes)
        {
            var g = Vector512.Load(gate + i);
            var s = Sigmoid(g);
            var d = Vector512.Load(dy + i);
            var slope = s * Vector512.FusedMultiplyAdd(g, Vector512<float>.One - s, Vector512<float>.One);
            (d * g * s).Store(dup + i);
            (d * Vector512.Load(up + i) * slope).Store(dgate + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Simd.Exp(-x));
}
