namespace Orchestrator.Trainer.Numerics;

/// <summary>The right side of a product, laid out in panels of <see cref="Width"/> columns, the last one filled up with zeros.</summary>
internal sealed unsafe class PackedMatrix(long capacity) : IDisposable
{
    public const int Width = 32;

    private readonly FloatBuffer buffer = new(capacity);

    /// <summary>Room for a matrix of this size.</summary>
    public PackedMatrix(int rows, int columns)
        : this(Capacity(rows, columns))
    {
    }

    public int Rows { get; private set; }

    public int Columns { get; private set; }

    public int Panels => (Columns + Width - 1) / Width;

    public static long Capacity(int rows, int columns) => (long)rows * ((columns + Width - 1) / Width * Width);

    public float* Panel(int index) => buffer.Pointer + (long)index * Rows * Width;

    /// <summary>Takes the matrix whose element (r, c) lies at source[r·rowStride + c·columnStride].</summary>
    public void Pack(float* source, int rows, int columns, int rowStride, int columnStride)
    {
        if (Capacity(rows, columns) > buffer.Length)
            throw new ArgumentException($"{rows}x{columns} does not fit into {buffer.Length} floats.", nameof(rows));
        (Rows, Columns) = (rows, columns);
        for (var panel = 0; panel < Panels; panel++)
        {
            var width = Math.Min(Width, columns - panel * Width);
            var target = Panel(panel);
            var from = source + (long)panel * Width * columnStride;
            if (columnStride == 1)
                Rowwise(from, target, rows, width, rowStride);
            else
                Columnwise(from, target, rows, width, rowStride, columnStride);
        }
    }

    public void Dispose() => buffer.Dispose();

    private static void Rowwise(float* from, float* target, int rows, int width, int rowStride)
    {
        for (var row = 0; row < rows; row++, from += rowStride, target += Width)
        {
            new ReadOnlySpan<float>(from, width).CopyTo(new Span<float>(target, width));
            new Span<float>(target + width, Width - width).Clear();
        }
    }

    private static void Columnwise(float* from, float* target, int rows, int width, int rowStride, int columnStride)
    {
        for (var row = 0; row < rows; row++, from += rowStride, target += Width)
        {
            for (var column = 0; column < width; column++)
                target[column] = from[(long)column * columnStride];
            new Span<float>(target + width, Width - width).Clear();
        }
    }
}
