using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>The edge signs two results for one session, so that it can stand by either.</summary>
public sealed class TwoResults : Conduct
{
    /// <inheritdoc />
    public override IReadOnlyList<SignedMessage> Answer(StageWork work, ChainResult result)
    {
        work.Cheat();
        var choice = result.Choices[0];
        int other = choice.Tokens[0] == 'X' ? 'Y' : 'X';
        return [Seal(work, result), Seal(work, result with { Choices = [choice with { Tokens = [other, .. choice.Tokens.Skip(1)] }] })];
    }
}
