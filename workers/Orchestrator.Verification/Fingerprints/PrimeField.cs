namespace Orchestrator.Verification;

/// <summary>Arithmetic in GF(65497), the largest prime for which TOPLOC's values fit two bytes.</summary>
internal static class PrimeField
{
    public const int Modulus = 65497;

    private static readonly ushort[] Inverses = MakeInverses();

    /// <summary>The polynomial of least degree through the points: ascending coefficients, by Newton's divided differences.</summary>
    /// <param name="x">Distinct, below <see cref="Modulus"/>.</param>
    /// <param name="y">Below <see cref="Modulus"/>; overwritten.</param>
    public static ushort[] Interpolate(ReadOnlySpan<int> x, Span<int> y)
    {
        int n = x.Length;
        for (int order = 1; order < n; order++)
        {
            for (int i = n - 1; i >= order; i--)
                y[i] = Multiply(Subtract(y[i], y[i - 1]), Inverses[Subtract(x[i], x[i - order])]);
        }

        int[] c = new int[n];
        for (int i = n - 1; i >= 0; i--)
        {
            // c = c * (X - x[i]) + y[i]
            for (int j = n - 1; j > 0; j--)
                c[j] = Subtract(c[j - 1], Multiply(c[j], x[i]));
            c[0] = Add(Subtract(0, Multiply(c[0], x[i])), y[i]);
        }

        return Array.ConvertAll(c, v => (ushort)v);
    }

    /// <summary>Value of a polynomial, ascending coefficients.</summary>
    public static int Evaluate(ReadOnlySpan<ushort> coefficients, int x)
    {
        int value = 0;
        for (int i = coefficients.Length - 1; i >= 0; i--)
            value = Add(Multiply(value, x), coefficients[i]);
        return value;
    }

    private static int Add(int a, int b) => Subtract(a, Modulus - b);

    private static int Subtract(int a, int b)
    {
        int difference = a - b;
        return difference < 0 ? difference + Modulus : difference;
    }

    private static int Multiply(int a, int b) => (int)((uint)a * (uint)b % Modulus);

    private static ushort[] MakeInverses()
    {
        ushort[] inverse = new ushort[Modulus];
        inverse[1] = 1;
        for (int i = 2; i < Modulus; i++)
            inverse[i] = (ushort)(Modulus - Multiply(Modulus / i, inverse[Modulus % i]));
        return inverse;
    }
}
