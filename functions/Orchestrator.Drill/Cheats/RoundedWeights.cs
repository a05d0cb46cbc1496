using Orchestrator.Contracts;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Really runs the shard, but with less precise weights than published, which take less memory.</summary>
public sealed class RoundedWeights(WeightFormat format) : Conduct
{
    /// <inheritdoc />
    public override WeightFormat Weights => format;

    /// <inheritdoc />
    public override IStageSession Open(StageWork work)
    {
        work.Cheat();
        return work.Engines.Of(work.Stage, format).Open(work.Job.MaxTokens);
    }
}
