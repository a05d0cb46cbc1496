using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Trainer.Numerics;

/// <summary>
/// Single-threaded matrix multiplication in register tiles of 8 rows by 32 columns. Every output is one chain of fused
/// multiply-adds over ascending k (restarted every <see cref="Depth"/> steps), so the bits depend on neither the machine nor the
/// threads around it.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Rows of a register tile; outputs are written in whole tiles, so buffers need their row count rounded up to this.</summary>
    public const int TileRows = 8;

    private const int Depth = 256;

    /// <summary>
    /// C = A·B, or C += A·B. <paramref name="a"/> is addressed as a[row·rowStride + k·columnStride], which covers transposition.
    /// Rows past <paramref name="rows"/> up to the next multiple of <see cref="TileRows"/> are read and written too.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, int rowStride, int columnStride, int rows, PackedMatrix b, float* c, int stride, bool accumulate = false)
    {
        var edge = stackalloc float[TileRows * PackedMatrix.Width];
        for (var panel = 0; panel < b.Panels; panel++)
        {
            var width = Math.Min(PackedMatrix.Width, b.Columns - panel * PackedMatrix.Width);
            for (var from = 0; from < b.Rows; from += Depth)
            {
                var depth = Math.Min(Depth, b.Rows - from);
                var right = b.Panel(panel) + (long)from * PackedMatrix.Width;
                var add = accumulate || from > 0;
                for (var row = 0; row < rows; row += TileRows)
                {
                    var left = a + (long)row * rowStride + (long)from * columnStride;
                    var target = c + (long)row * stride + panel * PackedMatrix.Width;
                    if (width == PackedMatrix.Width)
                    {
                        Tile(left, rowStride, columnStride, depth, right, target, stride, add);
                        continue;
                    }
                    Tile(left, rowStride, columnStride, depth, right, edge, PackedMatrix.Width, add: false);
                    for (var i = 0; i < TileRows; i++)
                    {
                        for (var j = 0; j < width; j++)
                            target[(long)i * stride + j] = (add ? target[(long)i * stride + j] : 0f) + edge[i * PackedMatrix.Width + j];
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a, nint rowStride, nint columnStride, int depth, float* b, float* c, nint stride, bool add)
    {
        Vector512<float> c0l = default, c0r = default, c1l = default, c1r = default, c2l = default, c2r = default, c3l = default, c3r = default, c4l = default, c4r = default, c5l = default, c5r = default, c6l = default, c6r = default, c7l = default, c7r = default;
        nint o2 = 2 * rowStride, o3 = 3 * rowStride, o4 = 4 * rowStride, o5 = 5 * rowStride, o6 = 6 * rowStride, o7 = 7 * rowStride;
        for (var k = 0; k < depth; k++)
        {
            var left = Vector512.LoadAligned(b);
            var right = Vector512.LoadAligned(b + 16);

            var x0 = Vector512.Create(a[0]);
            c0l = Vector512.FusedMultiplyAdd(x0, left, c0l);
            c0r = Vector512.FusedMultiplyAdd(x0, right, c0r);
            var x1 = Vector512.Create(a[rowStride]);
            c1l = Vector512.FusedMultiplyAdd(x1, left, c1l);
            c1r = Vector512.FusedMultiplyAdd(x1, right, c1r);
            var x2 = Vector512.Create(a[o2]);
            c2l = Vector512.FusedMultiplyAdd(x2, left, c2l);
            c2r = Vector512.FusedMultiplyAdd(x2, right, c2r);
            var x3 = Vector512.Create(a[o3]);
            c3l = Vector512.FusedMultiplyAdd(x3, left, c3l);
            c3r = Vector512.FusedMultiplyAdd(x3, right, c3r);
            var x4 = Vector512.Create(a[o4]);
            c4l = Vector512.FusedMultiplyAdd(x4, left, c4l);
            c4r = Vector512.FusedMultiplyAdd(x4, right, c4r);
            var x5 = Vector512.Create(a[o5]);
            c5l = Vector512.FusedMultiplyAdd(x5, left, c5l);
            c5r = Vector512.FusedMultiplyAdd(x5, right, c5r);
            var x6 = Vector512.Create(a[o6]);
            c6l = Vector512.FusedMultiplyAdd(x6, left, c6l);
            c6r = Vector512.FusedMultiplyAdd(x6, right, c6r);
            var x7 = Vector512.Create(a[o7]);
            c7l = Vector512.FusedMultiplyAdd(x7, left, c7l);
            c7r = Vector512.FusedMultiplyAdd(x7, right, c7r);
            a += columnStride;
            b += PackedMatrix.Width;
        }

        Store(c, c0l, c0r, add);
        Store(c + stride, c1l, c1r, add);
        Store(c + 2 * stride, c2l, c2r, add);
        Store(c + 3 * stride, c3l, c3r, add);
        Store(c + 4 * stride, c4l, c4r, add);
        Store(c + 5 * stride, c5l, c5r, add);
        Store(c + 6 * stride, c6l, c6r, add);
        Store(c + 7 * stride, c7l, c7r, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* c, Vector512<float> left, Vector512<float> right, bool add)
    {
        if (add)
        {
            left += Vector512.Load(c);
            right += Vector512.Load(c + 16);
        }
        left.Store(c);
        right.Store(c + 16);
    }
}
