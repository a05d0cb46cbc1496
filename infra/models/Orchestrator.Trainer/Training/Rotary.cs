using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>Turns the pairs (i, i + headDim / 2) of every head by its position, forward or back.</summary>
internal sealed unsafe class Rotary(RotaryTable table) : IDisposable
{
    private readonly FloatBuffer cos = Copy(table.Cos);
    private readonly FloatBuffer sin = Copy(table.Sin);

    /// <param name="x">[rows, heads · headDim], row 0 at position 0.</param>
    /// <param name="direction">1 to turn, -1 to turn back.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Turn(float* x, int rows, int heads, float direction)
    {
        var half = table.Half;
        for (var row = 0; row < rows; row++)
        {
            for (var head = 0; head < heads; head++, x += 2 * half)
            {
                for (var i = 0; i < half; i += Simd.Lanes)
                {
                    var c = Vector512.Load(cos.Pointer + row * half + i);
                    var s = Vector512.Load(sin.Pointer + row * half + i) * direction;
                    var low = Vector512.Load(x + i);
                    var high = Vector512.Load(x + half + i);
                    (low * c - high * s).Store(x + i);
                    (high * c + low * s).Store(x + half + i);
                }
            }
        }
    }

    public void Dispose()
    {
        cos.Dispose();
        sin.Dispose();
    }

    private static FloatBuffer Copy(float[] values)
    {
        var buffer = new FloatBuffer(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }
}
