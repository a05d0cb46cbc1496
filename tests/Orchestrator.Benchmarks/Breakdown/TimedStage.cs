using System.Diagnostics;
using Orchestrator.Contracts;

namespace Orchestrator.Benchmarks.Breakdown;

/// <summary>A stage whose passes of one token are timed.</summary>
internal sealed class TimedStage(IStageEngine stage) : IStageEngine
{
    /// <summary>Time in the runtime of each pass of one token, in order.</summary>
    internal List<double> Microseconds { get; } = [];

    /// <inheritdoc />
    public ShardManifest Shard => stage.Shard;

    /// <inheritdoc />
    public long SessionBytes(int maxTokens) => stage.SessionBytes(maxTokens);

    /// <inheritdoc />
    public IStageSession Open(int maxTokens) => new Session(stage.Open(maxTokens), Microseconds);

    /// <inheritdoc />
    public void Dispose() => stage.Dispose();

    private sealed class Session(IStageSession session, List<double> microseconds) : IStageSession
    {
        public int Position => session.Position;

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
        {
            long start = Stopwatch.GetTimestamp();
            var sends = session.Run(tokens, tokenCount, received);
            if (tokenCount == 1)
                microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            return sends;
        }

        public void Rewind(int position) => session.Rewind(position);

        public void Dispose() => session.Dispose();
    }
}
