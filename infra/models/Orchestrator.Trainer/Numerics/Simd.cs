using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Trainer.Numerics;

/// <summary>
/// Sixteen lanes at a time, from additions, multiplications, square roots and fused multiply-adds only: IEEE 754 rounds each of
/// them in one way, so results have the same bits on every machine, vector unit or not.
/// </summary>
internal static class Simd
{
    public const int Lanes = 16;

    /// <summary>Sum of the lanes in a fixed order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> v)
    {
        var half = v.GetLower() + v.GetUpper();
        var quarter = half.GetLower() + half.GetUpper();
        return quarter[0] + quarter[2] + (quarter[1] + quarter[3]);
    }

    /// <summary>e^x with a relative error near 1e-7, by the Cephes polynomial; x is first clamped to ±87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87f)), Vector512.Create(87f));
        var rounder = Vector512.Create(12_582_912f); // 1.5 · 2^23: adding and subtracting it rounds to an integer
        var n = Vector512.FusedMultiplyAdd(x, Vector512.Create(1.44269504f), rounder) - rounder;
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.FusedMultiplyAdd(p, r * r, r) + Vector512<float>.One;
        var scale = Vector512.ShiftLeft(Vector512.ConvertToInt32(n) + Vector512.Create(127), 23).AsSingle();
        return p * scale;
    }
}
