using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Sampling;

/// <summary>Natural logarithms of softmax probabilities under unmodified logits.</summary>
internal static class LogProbabilities
{
    /// <summary>The logarithm of the softmax denominator.</summary>
    internal static double Normalizer(ReadOnlySpan<float> logits)
    {
        double largest = double.NegativeInfinity;
        foreach (float logit in logits)
            largest = Math.Max(largest, logit);
        double total = 0;
        foreach (float logit in logits)
            total += PortableMath.ExpNegative(logit - largest);
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
