using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Signs as its own a commitment that another node of its stage made: the last it heard of, since nobody shows one before all have signed.</summary>
/// <param name="heard">What such nodes tell each other, by stage.</param>
public sealed class CopiedCommitment(Dictionary<int, ChoiceCommitment> heard) : Conduct
{
    /// <inheritdoc />
    public override SignedMessage Sign(StageWork work, Receipt receipt)
    {
        var own = receipt.Choices[0];
        if (heard.TryGetValue(work.Stage, out var copied) && copied != own)
        {
            work.Cheat();
            // Numbers that everybody can check must be right.
            receipt = receipt with { Choices = [copied with { Tokens = own.Tokens, Chunks = own.Chunks }] };
        }

        heard[work.Stage] = own;
        return base.Sign(work, receipt);
    }
}
