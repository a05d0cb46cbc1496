using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>
/// The edge changes a token: for every second node before it goes on into the chain, so that all later stages work with it; for the others only in the answer.
/// </summary>
public sealed class SwappedToken(bool intoChain) : Conduct
{
    private const int Swapped = '7';

    /// <inheritdoc />
    public override int Take(StageWork work, int drawn, int position)
    {
        if (!intoChain || position != work.Job.Prompt.Count + 1 || drawn == Swapped)
            return drawn;
        work.Cheat();
        return Swapped;
    }

    /// <inheritdoc />
    public override IReadOnlyList<SignedMessage> Answer(StageWork work, ChainResult result)
    {
        var choice = result.Choices[0];
        if (intoChain || choice.Tokens.Count < 2 || choice.Tokens[0] == Swapped)
            return base.Answer(work, result);
        work.Cheat();
        int[] swapped = [Swapped, .. choice.Tokens.Skip(1)];
        return [Seal(work, result with { Choices = [choice with { Tokens = swapped, Text = ChainRun.TextOf(swapped, work.Engines.Model.Tokenizer) }] })];
    }
}
