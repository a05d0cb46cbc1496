using Orchestrator.Contracts;
using Orchestrator.Drill.Network;
using Orchestrator.Onnx.Sampling;

namespace Orchestrator.Drill.Cheats;

/// <summary>Computes the right logits and chooses the answer itself: its second token is the best of those that the seed does not give.</summary>
public sealed class WrongSampling : Conduct
{
    /// <inheritdoc />
    public override TokenDraw Draw(StageWork work, TokenSampler sampler, ReadOnlySpan<byte> row, int position)
    {
        var right = sampler.Draw(row, position);
        if (position != work.Job.Prompt.Count + 1)
            return right;
        work.Cheat();
        var without = work.Job.Sampling with { LogitBias = new Dictionary<int, double> { [right.Token] = -100 } };
        return new TokenSampler(without, work.Engines.Model.Manifest.Vocabulary, 0).Draw(row, position);
    }
}
