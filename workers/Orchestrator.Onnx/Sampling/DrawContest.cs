using System.Buffers;

namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// By how much scores would have to move for a token to win a Gumbel-max draw. A rival must be overtaken or, when it is close to the edge
/// of the nucleus, be moved out of it; a token outside must be moved in. Moving all scores by e changes no cumulated probability by more than e.
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

        double largest = double.NegativeInfinity, total = 0;
        foreach (double score in scores)
            largest = Math.Max(largest, score);
        foreach (double score in scores)
            total += PortableMath.ExpNegative(score - largest);
        double before = 0;
        bool inside = false;
        foreach (int token in Nucleus.Select(scores, mass))
        {
            double leaves = before == 0 ? double.PositiveInfinity : mass - before / total;
            gap = Math.Max(gap, Math.Min(Lead(scores, noise, token, own), Math.Max(leaves, 0)));
            before += PortableMath.ExpNegative(scores[token] - largest);
            inside |= token == drawn;
        }

        return inside ? gap : Math.Max(gap, Heavier(scores, drawn, largest) / total - mass);
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

    private static double Heavier(ReadOnlySpan<double> scores, int drawn, double largest)
    {
        double sum = 0;
        for (int token = 0; token < scores.Length; token++)
        {
            if (scores[token] > scores[drawn] || (scores[token] == scores[drawn] && token < drawn))
                sum += PortableMath.ExpNegative(scores[token] - largest);
        }

        return sum;
    }
}
