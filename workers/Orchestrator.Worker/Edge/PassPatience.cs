namespace Orchestrator.Worker.Edge;

/// <summary>
/// How long an edge waits for the next answer of a chain: sixteen times the slowest answer so far, within bounds. Prefill comes first and is the
/// slowest, so the limit is learned before the many short passes; other sessions on the same stages are what the factor leaves room for.
/// </summary>
public sealed class PassPatience
{
    /// <summary>Least wait.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    /// <summary>Longest wait; also the wait for the first answer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private const int Factor = 16;

    private TimeSpan? slowest;

    /// <summary>The longest silence that is no reason to ask.</summary>
    public TimeSpan Limit => slowest is not { } time || time * Factor > Longest ? Longest : time * Factor < Shortest ? Shortest : time * Factor;

    /// <summary>Notes how long a pass took from its sending to its answer.</summary>
    public void Answered(TimeSpan took)
    {
        if (slowest is null || took > slowest)
            slowest = took;
    }
}
