using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>
/// Muon (Jordan et al. 2024) for one matrix: Nesterov momentum, made nearly orthogonal by five Newton-Schulz steps, so that every
/// direction of the matrix learns at the same pace.
/// </summary>
internal sealed unsafe class Muon : IDisposable
{
    private const float Momentum = 0.95f;
    private const int Steps = 5;
    private const float A = 3.4445f, B = -4.7750f, C = 2.0315f;

    private readonly WeightSlot slot;
    private readonly int small, large;
    private readonly bool tall;
    private readonly FloatBuffer x, gram, poly, next;
    private readonly PackedMatrix packed;

    public Muon(WeightSlot slot)
    {
        this.slot = slot;
        tall = slot.Rows > slot.Columns;
        (small, large) = tall ? (slot.Columns, slot.Rows) : (slot.Rows, slot.Columns);
        (x, next) = (new FloatBuffer((long)small * large), new FloatBuffer((long)small * large));
        (gram, poly) = (new FloatBuffer((long)small * small), new FloatBuffer((long)small * small));
        packed = new PackedMatrix(large, large);
    }

    /// <param name="rate">Learning rate; the update's spectral norm is about rate · sqrt(max(1, rows / columns)).</param>
    /// <param name="decay">Share of the weights taken away, times the rate.</param>
    public void Step(Span<float> weights, Span<float> gradient, Span<float> momentum, float rate, float decay)
    {
        var squares = 0.0;
        for (var i = 0; i < slot.Length; i++)
        {
            momentum[i] = MathF.FusedMultiplyAdd(Momentum, momentum[i] - gradient[i], gradient[i]);
            var value = MathF.FusedMultiplyAdd(Momentum, momentum[i] - gradient[i], gradient[i]);
            gradient[i] = value;
            squares += (double)value * value;
        }
        Orthogonalize(gradient, (float)(1.0 / (Math.Sqrt(squares) + 1e-7)));
        var scale = rate * MathF.Sqrt(MathF.Max(1f, (float)slot.Rows / slot.Columns));
        var keep = 1f - rate * decay;
        for (var row = 0; row < slot.Rows; row++)
        {
            for (var column = 0; column < slot.Columns; column++)
            {
                ref var weight = ref weights[row * slot.Columns + column];
                weight = weight * keep - scale * x.Pointer[tall ? column * large + row : row * large + column];
            }
        }
    }

    public void Dispose()
    {
        foreach (var buffer in (FloatBuffer[])[x, gram, poly, next])
            buffer.Dispose();
        packed.Dispose();
    }

    private void Orthogonalize(ReadOnlySpan<float> update, float scale)
    {
        for (var row = 0; row < small; row++)
        {
            for (var column = 0; column < large; column++)
                x.Pointer[row * large + column] = scale * update[tall ? column * small + row : row * large + column];
        }
        for (var step = 0; step < Steps; step++)
        {
            packed.Pack(x.Pointer, large, small, 1, large);
            Gemm.Multiply(x.Pointer, large, 1, small, packed, gram.Pointer, small);
            packed.Pack(gram.Pointer, small, small, small, 1);
            Gemm.Multiply(gram.Pointer, small, 1, small, packed, poly.Pointer, small);
            for (var i = 0; i < small * small; i++)
                poly.Pointer[i] = B * gram.Pointer[i] + C * poly.Pointer[i];
            packed.Pack(x.Pointer, small, large, large, 1);
            Gemm.Multiply(poly.Pointer, small, 1, small, packed, next.Pointer, large);
            for (var i = 0; i < small * large; i++)
                x.Pointer[i] = A * x.Pointer[i] + next.Pointer[i];
        }
    }
}
