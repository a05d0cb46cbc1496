namespace Orchestrator.Sharder.Cutting;

/// <summary>
/// Chooses which of the possible cuts to make, by dynamic programming over their order: stages should cost alike (fourth power of
/// each stage's share, so the slowest stage counts most) and cuts should be narrow.
/// </summary>
internal static class BalancedCuts
{
    private const double MemoryWeight = 0.1;
    private const double WidthWeight = 0.05;

    /// <summary>Chooses <paramref name="stages"/> - 1 cuts.</summary>
    /// <param name="cuts">Possible cuts in order, each nested in the next.</param>
    /// <param name="whole">Weight of the whole graph.</param>
    /// <param name="stages">Number of stages, 1 to the number of cuts plus one.</param>
    /// <returns>Indices into <paramref name="cuts"/>, rising; of equally good choices the earliest.</returns>
    public static int[] Choose(IReadOnlyList<CutOption> cuts, Weight whole, int stages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(stages, cuts.Count + 1);
        CutOption[] ends = [new CutOption(default, 0), .. cuts, new CutOption(whole, 0)];
        double[,] best = new double[stages + 1, ends.Length];
        int[,] from = new int[stages + 1, ends.Length];
        for (int stage = 0; stage <= stages; stage++)
        {
            for (int end = 0; end < ends.Length; end++)
                best[stage, end] = stage == 0 && end == 0 ? 0 : double.PositiveInfinity;
        }

        long narrowest = cuts.Count == 0 ? 1 : Math.Max(1, cuts.Min(cut => cut.Width));
        for (int stage = 1; stage <= stages; stage++)
        {
            for (int end = 1; end < ends.Length; end++)
            {
                for (int start = 0; start < end; start++)
                {
                    double score = best[stage - 1, start] + Score(ends[start], ends[end], whole, stages, narrowest);
                    if (score < best[stage, end])
                        (best[stage, end], from[stage, end]) = (score, start);
                }
            }
        }

        int[] chosen = new int[stages - 1];
        int at = ends.Length - 1;
        for (int stage = stages; stage > 1; stage--)
        {
            at = from[stage, at];
            chosen[stage - 2] = at - 1;
        }

        return chosen;
    }

    /// <summary>What a stage between two cuts adds to the sum that is made least.</summary>
    internal static double Score(CutOption start, CutOption end, Weight whole, int stages, long narrowest)
    {
        double compute = stages * (double)(end.Before.Compute - start.Before.Compute) / Math.Max(1, whole.Compute);
        double memory = stages * (double)(end.Before.Memory - start.Before.Memory) / Math.Max(1, whole.Memory);
        return Math.Pow(compute, 4) + MemoryWeight * Math.Pow(memory, 4) + WidthWeight * end.Width / narrowest;
    }
}

/// <summary>What nodes cost.</summary>
/// <param name="Compute">Bytes of weights read and of values written per token.</param>
/// <param name="Memory">Bytes of weights held.</param>
internal readonly record struct Weight(long Compute, long Memory)
{
    public static Weight operator +(Weight a, Weight b) => new(checked(a.Compute + b.Compute), checked(a.Memory + b.Memory));
}

/// <summary>A possible cut.</summary>
/// <param name="Before">Weight of everything before it.</param>
/// <param name="Width">Cost of what crosses it.</param>
internal readonly record struct CutOption(Weight Before, long Width);
