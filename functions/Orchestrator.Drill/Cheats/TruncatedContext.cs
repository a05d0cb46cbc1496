using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Keeps no more than so many tokens in its cache: what came before is forgotten, and memory and attention get cheaper.</summary>
public sealed class TruncatedContext(int window) : Conduct
{
    /// <inheritdoc />
    public override IStageSession Open(StageWork work) => new Session(work, base.Open(work), window);

    /// <inheritdoc />
    public override ITracedShard Defend(StageWork work) => new ForgedTrace(base.Defend(work));

    private sealed class Session(StageWork work, IStageSession inner, int window) : IStageSession
    {
        public int Position { get; private set; }

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
        {
            if (inner.Position > 0 && inner.Position + tokenCount > window)
            {
                inner.Rewind(0);
                work.Cheat();
            }

            var outputs = inner.Run(tokens, tokenCount, received);
            Position += tokenCount;
            return outputs;
        }

        public void Rewind(int position) => throw new NotSupportedException("The drill's chains never go back.");

        public void Dispose() => inner.Dispose();
    }
}
