using System.Buffers;

namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// By how much scores would have to move for a token to win a Gumbel-max draw. A rival must be overtaken or, when it is close to the edge
/// of the nucleus, be moved out of it; a token outside must be moved in. Moving all scores by at most e changes their differences by at most 2e and a
/// cumulated probability by about as much, so an honest gap is at most the sum of both.
/// </summary>
internal static class DrawContest
{
    private const double Rounding = 1e-9;

    /// <summary>
    /// Whether a token certainly wins: nothing, in the nucleus or not, beats it, and it lies in the nucleus by more than rounding. So most honest
    /// draws are confirmed without sorting; false leaves it open.
    /// </summary>
    /// <param name="scores">Log-probabilities up to a constant.</param>
    /// <param name="mass">Nucleus mass in (0, 1].</param>
    /// <param name="noise">Noise of the draw.</param>
    /// <param name="drawn">The token.</param>
    internal static bool Wins(ReadOnlySpan<double> scores, double mass, GumbelNoise noise, int drawn)
    {
        double own = scores[drawn] + GumbelNoise.Of(noise.Uniform(drawn));
        for (int token = 0; token < scores.Length; token++)
        {
            if (token != drawn && Beats(scores, noise, token, own))
                return false;
        }

        if (mass >= 1)
            return true;
        double[] weights = ArrayPool<double>.Shared.Rent(scores.Length);
        PortableMath.ExpNegative(scores, VectorScores.Max(scores), weights.AsSpan(0, scores.Length));
        double total = 0, heavier = 0;
        for (int token = 0; token < scores.Length; token++)
        {
            total += weights[token];
            heavier += token != drawn && scores[token] >= scores[drawn] ? weights[token] : 0;
        }

        ArrayPool<double>.Shared.Return(weights);
        return heavier < (mass - Rounding) * total;
    }

    /// <summary>The gap of a token that did not win; 0 or more.</summary>
    /// <param name="scores">Log-probabilities up to a constant.</param>
    /// <param name="mass">Nucleus mass in (0, 1].</param>
    /// <param name="noise">Noise of the draw.</param>
    /// <param name="drawn">The token.</param>
    internal static double Gap(ReadOnlySpan<double> scores, double mass, GumbelNoise noise, int drawn)
    {
        double own = scores[drawn] + GumbelNoise.Of(noise.Uniform(drawn));
        double gap = 0;
        if (mass >= 1)
        {
            for (int token = 0; token < scores.Length; token++)
                gap = Math.Max(gap, Lead(scores, noise, token, own));
            return gap;
        }

        var (sorted, shares) = Sorted(scores);
        double before = 0;
        int edge = 0;
        bool inside = false;
        for (; edge < sorted.Length && (edge == 0 || before < mass); before += shares[edge++])
        {
            inside |= sorted[edge] == drawn;
            double lead = Lead(scores, noise, sorted[edge], own);
            if (lead > gap)
                gap = Math.Max(gap, Math.Min(lead, Leaving(scores, sorted, shares, edge, before, mass)));
        }

        return inside ? gap : Math.Max(gap, Entering(scores, sorted, shares, edge, mass, drawn));
    }

    /// <summary>How little moves a token out of the nucleus: a loss of mass before it, or tokens below that overtake it and fill the mass.</summary>
    private static double Leaving(ReadOnlySpan<double> scores, int[] sorted, double[] shares, int at, double before, double mass)
    {
        double filled = before;
        int last = at;
        while (filled < mass && last + 1 < sorted.Length)
            filled += shares[++last];
        double overtaken = filled < mass ? double.PositiveInfinity : scores[sorted[at]] - scores[sorted[last]];
        return at == 0 ? overtaken : Math.Min(overtaken, mass - before);
    }

    /// <summary>How little moves a token into the nucleus: a gain of mass, or overtaking the nucleus' last token.</summary>
    private static double Entering(ReadOnlySpan<double> scores, int[] sorted, double[] shares, int edge, double mass, int drawn)
    {
        double heavier = 0;
        for (int i = 0; sorted[i] != drawn; i++)
            heavier += shares[i];
        return Math.Min(heavier - mass, scores[sorted[edge - 1]] - scores[drawn]);
    }

    /// <summary>All tokens, most likely first, equal ones by id, and their probabilities in that order.</summary>
    private static (int[] Tokens, double[] Shares) Sorted(ReadOnlySpan<double> scores)
    {
        double largest = VectorScores.Max(scores), total = 0;
        var keys = new (double Descending, int Token)[scores.Length];
        for (int token = 0; token < keys.Length; token++)
            keys[token] = (-scores[token], token);
        Array.Sort(keys);
        double[] shares = Array.ConvertAll(keys, key => PortableMath.ExpNegative(-key.Descending - largest));
        foreach (double share in shares)
            total += share;
        return (Array.ConvertAll(keys, key => key.Token), Array.ConvertAll(shares, share => share / total));
    }

    // Ties count as beaten: the order of ids is for the full draw to decide.
    private static bool Beats(ReadOnlySpan<double> scores, GumbelNoise noise, int token, double own)
    {
        double uniform = noise.Uniform(token);
        return scores[token] + GumbelNoise.Bound(uniform) >= own && scores[token] + GumbelNoise.Of(uniform) >= own;
    }

    private static double Lead(ReadOnlySpan<double> scores, GumbelNoise noise, int token, double own)
    {
        double uniform = noise.Uniform(token);
        return scores[token] + GumbelNoise.Bound(uniform) <= own ? 0 : scores[token] + GumbelNoise.Of(uniform) - own;
    }
}
