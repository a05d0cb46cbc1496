using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Hands on what it received as if it had run its layers.</summary>
public sealed class SkippedLayers : Conduct
{
    /// <inheritdoc />
    public override IStageSession Open(StageWork work)
    {
        work.Cheat();
        return new Session();
    }

    /// <inheritdoc />
    public override ITracedShard Defend(StageWork work) => new ForgedTrace(base.Defend(work));

    private sealed class Session : IStageSession
    {
        public int Position { get; private set; }

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
        {
            Position += tokenCount;
            return received;
        }

        public void Rewind(int position) => Position = position;

        public void Dispose()
        {
        }
    }
}
