namespace Orchestrator.Onnx.Sampling;

/// <summary>
/// Nucleus selection (Holtzman et al., 2020): the fewest most likely tokens whose probabilities reach a mass. Equal scores are
/// ordered by token id, so the set is a function of the scores.
/// </summary>
internal static class Nucleus
{
    /// <summary>Tokens of the nucleus, most likely first; at least one.</summary>
    /// <param name="scores">Log-probabilities up to a constant.</param>
    /// <param name="mass">In (0, 1].</param>
    internal static int[] Select(ReadOnlySpan<double> scores, double mass)
    {
        var weights = new double[scores.Length];
        PortableMath.ExpNegative(scores, VectorScores.Max(scores), weights);
        double total = 0;
        foreach (double weight in weights)
            total += weight;

        // All tokens this light together weigh less than what may stay outside, so no nucleus needs them.
        double negligible = (1 - mass) * total / weights.Length;
        var candidates = new List<int>();
        for (int token = 0; token < weights.Length; token++)
        {
            if (weights[token] >= negligible)
                candidates.Add(token);
        }

        var sorted = Sort(candidates, scores);
        double sum = 0;
        int count = 0;
        while (count < sorted.Length && (count == 0 || sum < mass * total))
            sum += weights[sorted[count++]];
        return sorted[..count];
    }

    private static int[] Sort(List<int> candidates, ReadOnlySpan<double> scores)
    {
        var keys = new (double Descending, int Token)[candidates.Count];
        for (int i = 0; i < keys.Length; i++)
            keys[i] = (-scores[candidates[i]], candidates[i]);
        Array.Sort(keys);
        return Array.ConvertAll(keys, key => key.Token);
    }
}
