using System.Numerics;

namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// The loops over a whole vocabulary, several tokens at a time. Only conversions, comparisons and single IEEE 754 operations per
/// token: the results are those of a plain loop, bit by bit, however wide the machine's vectors are.
/// </summary>
internal static class VectorScores
{
    private const int ExponentBits = 0x7F80_0000;

    /// <summary>Converts logits to scores; false when one is not finite.</summary>
    internal static bool TryWiden(ReadOnlySpan<float> logits, Span<double> scores)
    {
        var special = Vector<int>.Zero;
        var exponent = new Vector<int>(ExponentBits);
        int token = 0;
        for (; token <= logits.Length - Vector<float>.Count; token += Vector<float>.Count)
        {
            var row = new Vector<float>(logits[token..]);
            special |= Vector.Equals(Vector.AsVectorInt32(row) & exponent, exponent);
            Vector.Widen(row, out var low, out var high);
            low.CopyTo(scores[token..]);
            high.CopyTo(scores[(token + Vector<double>.Count)..]);
        }

        bool finite = special == Vector<int>.Zero;
        for (; token < logits.Length; token++)
        {
            finite &= float.IsFinite(logits[token]);
            scores[token] = logits[token];
        }

        return finite;
    }

    /// <summary>Divides every score.</summary>
    internal static void Divide(Span<double> scores, double divisor)
    {
        int token = 0;
        for (; token <= scores.Length - Vector<double>.Count; token += Vector<double>.Count)
            (new Vector<double>(scores[token..]) / new Vector<double>(divisor)).CopyTo(scores[token..]);
        for (; token < scores.Length; token++)
            scores[token] /= divisor;
    }

    /// <summary>The largest of one or more scores without NaN.</summary>
    internal static double Max(ReadOnlySpan<double> scores)
    {
        double largest = double.NegativeInfinity;
        int token = 0;
        if (scores.Length >= Vector<double>.Count)
        {
            var best = new Vector<double>(scores);
            for (; token <= scores.Length - Vector<double>.Count; token += Vector<double>.Count)
                best = Vector.Max(best, new Vector<double>(scores[token..]));
            for (int lane = 0; lane < Vector<double>.Count; lane++)
                largest = Math.Max(largest, best[lane]);
        }

        for (; token < scores.Length; token++)
            largest = Math.Max(largest, scores[token]);
        return largest;
    }

    /// <summary>The first token with the largest score.</summary>
    internal static int IndexOfMax(ReadOnlySpan<double> scores)
    {
        // Compared, not searched by bits: zeros of both signs are equal.
        double largest = Max(scores);
        int token = 0;
        var wanted = new Vector<double>(largest);
        while (token <= scores.Length - Vector<double>.Count && !Vector.EqualsAny(new Vector<double>(scores[token..]), wanted))
            token += Vector<double>.Count;
        while (scores[token] != largest)
            token++;
        return token;
    }
}
