using System.Diagnostics;
using Orchestrator.TestKit;

namespace Orchestrator.Benchmarks.Hops;

/// <summary>When each stage began the pass of each token of one session.</summary>
internal sealed class HopClock(int stages, int positions)
{
    private readonly long[,] began = new long[stages, positions];

    /// <summary>Notes a pass that carries one token; a prompt's pass says nothing of hops.</summary>
    internal void Note(FakePass pass)
    {
        if (pass.Tokens == 1)
            began[pass.Stage, pass.Position] = Stopwatch.GetTimestamp();
    }

    /// <summary>Microseconds from each pass at a stage to the same token's pass at the next; after the last stage, to the next token's pass at the first.</summary>
    internal IEnumerable<double> Hop(int stage, int first) =>
        from position in Enumerable.Range(first, positions - 1 - first)
        select stage < stages - 1
            ? Between(began[stage, position], began[stage + 1, position])
            : Between(began[stage, position], began[0, position + 1]);

    /// <summary>Microseconds from each token's pass at the first stage to the next token's.</summary>
    internal IEnumerable<double> Token(int first) =>
        from position in Enumerable.Range(first, positions - 1 - first)
        select Between(began[0, position], began[0, position + 1]);

    private static double Between(long from, long to) => from > 0 && to > 0
        ? Stopwatch.GetElapsedTime(from, to).TotalMicroseconds
        : throw new InvalidOperationException("A stage skipped a token.");
}
