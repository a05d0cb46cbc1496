using Orchestrator.Benchmarks.Breakdown;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary>Sessions that ran at the same time on the same chain, so that a pass of one may wait behind the commitment of another. Microseconds per token.</summary>
internal sealed class SharedExecutors(IReadOnlyList<PassTable> sessions, int stages)
{
    /// <summary>From a token to the next.</summary>
    internal double Token { get; } = sessions.Average(session => session.Token.Average());

    /// <summary>Spent committing, over all stages, whoever waits for it.</summary>
    internal double Commit { get; } = Enumerable.Range(0, stages).Sum(stage => sessions.Average(session => session.Commit(stage).Average()));

    /// <summary>
    /// Spent waiting behind commitments, over all stages: from the end of a pass at the stage before until it starts here, as far as this stage was committing
    /// meanwhile. The frame's way is in it, so it is the most that a token can have waited.
    /// </summary>
    internal double Behind { get; } = Enumerable.Range(0, stages).Sum(stage => BehindAt(sessions, stage));

    private static double BehindAt(IReadOnlyList<PassTable> sessions, int stage)
    {
        var commitments = sessions.SelectMany(session => session.Commitments(stage)).Order().ToArray();
        return sessions.Average(session => session.Before(stage).Average(wait => Overlap(wait, commitments)));
    }

    /// <summary>A stage commits to one pass at a time: the intervals are apart, and in order by their ends too.</summary>
    private static double Overlap((double From, double To) wait, (double From, double To)[] commitments)
    {
        int low = 0, high = commitments.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = commitments[middle].To <= wait.From ? (middle + 1, high) : (low, middle);
        }

        double sum = 0;
        for (; low < commitments.Length && commitments[low].From < wait.To; low++)
            sum += Math.Min(commitments[low].To, wait.To) - Math.Max(commitments[low].From, wait.From);
        return sum;
    }
}
