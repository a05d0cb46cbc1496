using System.Buffers;
using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Sampling;

/// <summary>Natural logarithms of softmax probabilities under unmodified logits.</summary>
internal static class LogProbabilities
{
    /// <summary>The logarithm of the softmax denominator.</summary>
    internal static double Normalizer(ReadOnlySpan<float> logits)
    {
        double[] rented = ArrayPool<double>.Shared.Rent(logits.Length);
        var powers = rented.AsSpan(0, logits.Length);
        VectorScores.TryWiden(logits, powers);
        double largest = VectorScores.Max(powers);
        PortableMath.ExpNegative(powers, largest, powers);
        // Added one by one: the order of additions is part of the result.
        double total = 0;
        foreach (double power in powers)
            total += power;
        ArrayPool<double>.Shared.Return(rented);
        return largest + PortableMath.Log(total);
    }

    /// <summary>The most likely tokens, most likely first, equal ones by id.</summary>
    internal static TokenLogProb[] Top(ReadOnlySpan<float> logits, double normalizer, int count)
    {
        Span<int> best = stackalloc int[count];
        int found = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            int place = found;
            while (place > 0 && logits[token] > logits[best[place - 1]])
                place--;
            if (place == count)
                continue;
            found = Math.Min(found + 1, count);
            for (int i = found - 1; i > place; i--)
                best[i] = best[i - 1];
            best[place] = token;
        }

        var top = new TokenLogProb[found];
        for (int i = 0; i < found; i++)
            top[i] = new TokenLogProb(best[i], (float)(logits[best[i]] - normalizer));
        return top;
    }
}
