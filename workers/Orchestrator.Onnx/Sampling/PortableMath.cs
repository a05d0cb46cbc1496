using System.Numerics;

namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// Exponential and logarithm from IEEE 754 additions, multiplications and divisions in a fixed order. Library versions differ in
/// the last bit between machines; these do not, so a draw made on one node can be replayed exactly on another.
/// </summary>
internal static class PortableMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;
    private const double Sqrt2 = 1.4142135623730951;

    private static ReadOnlySpan<double> LogSeries =>
        [1.0 / 21, 1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3];

    private static ReadOnlySpan<double> ExpSeries =>
    [
        1.0 / 6_227_020_800, 1.0 / 479_001_600, 1.0 / 39_916_800, 1.0 / 3_628_800, 1.0 / 362_880, 1.0 / 40_320, 1.0 / 5_040,
        1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1,
    ];

    /// <summary>Natural logarithm of a positive normal number; relative error below 1e-15.</summary>
    internal static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        int exponent = (int)((bits >> 52) & 0x7FF) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (mantissa > Sqrt2)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // ln m = 2 artanh s with s = (m - 1) / (m + 1), |s| < 0.1716: eleven terms of the odd series reach 2^-60.
        double s = (mantissa - 1) / (mantissa + 1);
        double square = s * s;
        double sum = 0;
        foreach (double coefficient in LogSeries)
            sum = sum * square + coefficient;
        return exponent * Ln2High + (2 * s + (2 * s * square * sum + exponent * Ln2Low));
    }

    /// <summary>e to a number of at most 0; 0 below -700.</summary>
    internal static double ExpNegative(double x)
    {
        if (x < -700)
            return 0;
        double k = Math.Round(x * 1.4426950408889634);
        double r = x - k * Ln2High - k * Ln2Low;
        // |r| < 0.3466: the Taylor series to r^13 reaches 2^-57.
        double sum = 0;
        foreach (double coefficient in ExpSeries)
            sum = sum * r + coefficient;
        return sum * BitConverter.Int64BitsToDouble((long)(1023 + (int)k) << 52);
    }

    /// <summary>e to every number less <paramref name="largest"/>, which none passes; in place where both are one. Several at a time, by the same operations in the same order.</summary>
    internal static void ExpNegative(ReadOnlySpan<double> numbers, double largest, Span<double> powers)
    {
        int at = 0;
        for (; at <= numbers.Length - Vector<double>.Count; at += Vector<double>.Count)
        {
            var x = new Vector<double>(numbers[at..]) - new Vector<double>(largest);
            var tiny = Vector.LessThan(x, new Vector<double>(-700));
            // What is 0 anyway must not shift its exponent out of range.
            x = Vector.ConditionalSelect(tiny, Vector<double>.Zero, x);
            var k = Vector.Round(x * 1.4426950408889634);
            var r = x - k * Ln2High - k * Ln2Low;
            var sum = Vector<double>.Zero;
            foreach (double coefficient in ExpSeries)
                sum = sum * r + new Vector<double>(coefficient);
            var power = Vector.AsVectorDouble((Vector.ConvertToInt64(k) + new Vector<long>(1023)) << 52);
            Vector.ConditionalSelect(tiny, Vector<double>.Zero, sum * power).CopyTo(powers[at..]);
        }

        for (; at < numbers.Length; at++)
            powers[at] = ExpNegative(numbers[at] - largest);
    }
}
