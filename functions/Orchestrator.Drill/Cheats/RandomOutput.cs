using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Puts out noise instead of running the shard. Nodes that share a seed make the same noise of the same job, so that they agree with each other.</summary>
public sealed class RandomOutput(int seed) : Conduct
{
    /// <inheritdoc />
    public override IStageSession Open(StageWork work)
    {
        work.Cheat();
        return new NoiseSession(work.Shard, work.IsLast ? work.Engines.Model.Tokenizer.VocabularySize : null, new Random(seed ^ BitConverter.ToInt32(Convert.FromHexString(work.Job.Id.Value[4..12]))));
    }
}
