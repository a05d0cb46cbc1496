using System.Runtime.Intrinsics;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Tests.Numerics;

public sealed unsafe class NumericsTests
{
    [Theory]
    [InlineData(8, 3, 32)]
    [InlineData(13, 40, 20)]
    [InlineData(24, 300, 264)]
    [InlineData(1, 1, 1)]
    public void Products_agree_with_the_schoolbook_in_every_layout(int rows, int depth, int columns)
    {
        var random = new SplitMix(11);
        var tall = (rows + Gemm.TileRows - 1) / Gemm.TileRows * Gemm.TileRows;
        using var a = Filled(random, tall * depth);
        using var b = Filled(random, depth * columns);
        using var packed = new PackedMatrix(depth, columns);
        foreach (var (turnedA, turnedB, add) in new[] { (false, false, false), (true, false, false), (false, true, true), (true, true, true) })
        {
            using var c = Filled(random, tall * columns);
            var before = c.Span.ToArray();
            packed.Pack(b.Pointer, depth, columns, turnedB ? 1 : columns, turnedB ? depth : 1);
            Gemm.Multiply(a.Pointer, turnedA ? 1 : depth, turnedA ? tall : 1, rows, packed, c.Pointer, columns, add);
            for (var row = 0; row < rows; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    var expected = add ? before[row * columns + column] : 0.0;
                    for (var k = 0; k < depth; k++)
                        expected += (double)a.Span[turnedA ? k * tall + row : row * depth + k] * b.Span[turnedB ? column * depth + k : k * columns + column];
                    ((double)c.Span[row * columns + column]).ShouldBe(expected, 1e-4);
                }
            }
        }
    }

    [Fact]
    public void A_matrix_too_large_for_its_buffer_is_refused()
    {
        using var packed = new PackedMatrix(4, 32);
        using var source = new FloatBuffer(5 * 32);

        Should.Throw<ArgumentException>(() => Pack(packed, source));
    }

    [Fact]
    public void Exp_is_within_two_units_in_the_last_place()
    {
        for (var x = -86f; x < 86f; x += 0.0137f)
        {
            var expected = Math.Exp(x);
            (Math.Abs(Simd.Exp(Vector512.Create(x))[3] - expected) / expected).ShouldBeLessThan(2.4e-7);
        }
    }

    private static void Pack(PackedMatrix packed, FloatBuffer source) => packed.Pack(source.Pointer, 5, 32, 32, 1);

    private static FloatBuffer Filled(SplitMix random, int length)
    {
        var buffer = new FloatBuffer(length);
        foreach (ref var value in buffer.Span)
            value = random.NextSigned();
        return buffer;
    }
}
