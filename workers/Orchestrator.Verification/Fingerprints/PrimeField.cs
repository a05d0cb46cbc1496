using System.Numerics;
using System.Runtime.InteropServices;

namespace Orchestrator.Verification;

/// <summary>Arithmetic in GF(65497), the prime of TOPLOC: 2^16 - 39, so that a remainder takes two folds and no division.</summary>
internal static class PrimeField
{
    public const int Modulus = 65497;

    private const uint Prime = Modulus;
    private const uint Fold = (1 << 16) - Prime;

    private static readonly ushort[] Inverses = MakeInverses();

    /// <summary>The polynomial of least degree through the points, ascending coefficients.</summary>
    /// <remarks>
    /// Lagrange's form, a vector of points at a time: with M the product of all (X - x) the polynomial is the sum of a·M/(X - x), a = y/M'(x), and the
    /// coefficients of every M/(X - x) follow from M's by Horner's rule, from the highest down.
    /// </remarks>
    /// <param name="x">Distinct, below <see cref="Modulus"/>.</param>
    /// <param name="y">Below <see cref="Modulus"/>.</param>
    public static ushort[] Interpolate(ReadOnlySpan<uint> x, ReadOnlySpan<uint> y)
    {
        int n = x.Length, width = Vector<uint>.Count, padded = (n + width - 1) / width * width;
        uint[] points = new uint[padded], quotient = new uint[padded], weights = new uint[padded];
        x.CopyTo(points);
        uint[] master = Master(x);

        var xs = MemoryMarshal.Cast<uint, Vector<uint>>(points.AsSpan());
        var qs = MemoryMarshal.Cast<uint, Vector<uint>>(quotient.AsSpan());
        var ws = MemoryMarshal.Cast<uint, Vector<uint>>(weights.AsSpan());
        for (int k = n; k >= 1; k--)
        {
            var factor = new Vector<uint>((uint)((ulong)k * master[k] % Prime));
            for (int i = 0; i < ws.Length; i++)
                ws[i] = Reduce(ws[i] * xs[i] + factor);
        }

        for (int i = 0; i < padded; i++)
            weights[i] = i < n ? Multiply(y[i], Inverses[weights[i]]) : 0;
        ushort[] coefficients = new ushort[n];
        for (int k = n - 1; k >= 0; k--)
        {
            var next = new Vector<uint>(master[k + 1]);
            var sum = Vector<uint>.Zero;
            for (int i = 0; i < qs.Length; i++)
            {
                qs[i] = Reduce(qs[i] * xs[i] + next);
                sum += Once(qs[i] * ws[i]);
            }

            coefficients[k] = (ushort)(Vector.Sum(sum) % Prime);
        }

        return coefficients;
    }

    /// <summary>Value of a polynomial, ascending coefficients.</summary>
    public static int Evaluate(ReadOnlySpan<ushort> coefficients, int x)
    {
        uint value = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
            value = (value * (uint)x + coefficients[i]) % Prime;
        return (int)value;
    }

    /// <summary>The product of all (X - x), ascending.</summary>
    private static uint[] Master(ReadOnlySpan<uint> x)
    {
        uint[] product = new uint[x.Length + 1];
        product[0] = 1;
        for (int degree = 0; degree < x.Length; degree++)
        {
            uint minus = Prime - x[degree];
            for (int j = degree + 1; j > 0; j--)
                product[j] = (product[j] * minus + product[j - 1]) % Prime;
            product[0] = Multiply(product[0], minus);
        }

        return product;
    }

    private static uint Multiply(uint a, uint b) => a * b % Prime;

    /// <summary>Equal modulo the prime, below 2^22.</summary>
    private static Vector<uint> Once(Vector<uint> value) => (value >> 16) * Fold + (value & new Vector<uint>(0xFFFF));

    /// <summary>The remainder of any 32-bit value.</summary>
    private static Vector<uint> Reduce(Vector<uint> value)
    {
        var folded = Once(Once(value));
        return Vector.Min(folded, folded - new Vector<uint>(Prime));
    }

    private static ushort[] MakeInverses()
    {
        ushort[] inverse = new ushort[Modulus];
        inverse[1] = 1;
        for (uint i = 2; i < Prime; i++)
            inverse[i] = (ushort)(Prime - Multiply(Prime / i, inverse[Prime % i]));
        return inverse;
    }
}
