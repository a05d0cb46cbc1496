using System.Numerics;

namespace Orchestrator.Benchmarks.Floor;

/// <summary>Reads memory as a decode pass reads weights: all of it, once, in order.</summary>
internal sealed class WeightSweep(int megabytes)
{
    private readonly float[] weights = Filled(megabytes);

    /// <summary>Reads part <paramref name="part"/> of <paramref name="parts"/>; the sum is there so that nothing is left out.</summary>
    internal float Run(int part, int parts)
    {
        int width = Vector<float>.Count;
        int length = weights.Length / parts / (4 * width) * (4 * width);
        Vector<float> a = default, b = default, c = default, d = default;
        for (int at = part * length; at < (part + 1) * length; at += 4 * width)
        {
            a += new Vector<float>(weights, at);
            b += new Vector<float>(weights, at + width);
            c += new Vector<float>(weights, at + 2 * width);
            d += new Vector<float>(weights, at + 3 * width);
        }

        return Vector.Sum(a + b + c + d);
    }

    private static float[] Filled(int megabytes)
    {
        var weights = GC.AllocateUninitializedArray<float>(megabytes * (1_000_000 / sizeof(float)));
        Array.Fill(weights, 1e-9f);
        return weights;
    }
}
