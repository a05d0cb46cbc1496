using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>
/// Colluders lie alike: for every job they agree on the stage that lies and on the noise it puts out, so that two chains with a colluder there give the same
/// wrong answer; and they confirm each other's audits.
/// </summary>
public sealed class Collusion(int seed) : Conduct
{
    private readonly RandomOutput output = new(seed);

    /// <inheritdoc />
    public override IStageSession Open(StageWork work) => Lies(work) ? output.Open(work) : base.Open(work);

    /// <inheritdoc />
    public override bool Lies(StageWork work) => LyingStage(work.Job, work.Engines.Model.Stages) == work.Stage;

    /// <inheritdoc />
    public override bool Covers(DrillNode audited) => audited.Cheats;

    private static int LyingStage(DrillJob job, int stages) => Convert.ToInt32(job.Id.Value[^6..], 16) % stages;
}
