using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Changes one value of every pass in its last bit: too little for any fingerprint, so that only bits compared one by one show it.</summary>
public sealed class LastBits : Conduct
{
    /// <inheritdoc />
    public override IStageSession Open(StageWork work)
    {
        work.Cheat();
        return new Session(base.Open(work));
    }

    private sealed class Session(IStageSession honest) : IStageSession
    {
        public int Position => honest.Position;

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
        {
            var sends = honest.Run(tokens, tokenCount, received);
            // In the pass's last token: of it the last stage's logits are drawn from.
            byte[] bytes = sends[0].Bytes.ToArray();
            bytes[^4] ^= 1;
            return [sends[0] with { Bytes = bytes }, .. sends.Skip(1)];
        }

        public void Rewind(int position) => honest.Rewind(position);

        public void Dispose() => honest.Dispose();
    }
}
