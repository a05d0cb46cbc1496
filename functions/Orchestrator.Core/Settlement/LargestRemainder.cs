namespace Orchestrator.Core.Settlement;

/// <summary>Hamilton's method: round every part down, then give one unit each to the largest remainders.</summary>
internal static class LargestRemainder
{
    /// <summary>Splits an amount by weights (0 or more, not all 0). The parts sum to the amount; equal remainders go to the earlier part.</summary>
    public static long[] Split(long amount, IReadOnlyList<long> weights)
    {
        Int128 total = 0;
        foreach (long weight in weights)
            total += weight;

        var parts = new long[weights.Count];
        var remainders = new Int128[weights.Count];
        long left = amount;
        for (int i = 0; i < parts.Length; i++)
        {
            var (part, remainder) = Int128.DivRem((Int128)amount * weights[i], total);
            parts[i] = (long)part;
            remainders[i] = remainder;
            left -= parts[i];
        }

        foreach (int i in Enumerable.Range(0, parts.Length).OrderByDescending(i => remainders[i]).ThenBy(i => i).Take((int)left))
            parts[i]++;
        return parts;
    }
}
