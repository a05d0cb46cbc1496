using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>The edge ends the answer after a few tokens although nothing ends it.</summary>
public sealed class EarlyStop(int tokens) : Conduct
{
    /// <inheritdoc />
    public override bool Stops(StageWork work, int drawn)
    {
        if (work.Cache.Position - work.Job.Prompt.Count < tokens)
            return false;
        work.Cheat();
        return true;
    }
}
