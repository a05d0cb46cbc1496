using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Puts out noise and then serves no evidence, so that nobody can show it.</summary>
public sealed class WithheldData(int seed) : Conduct
{
    private readonly RandomOutput output = new(seed);

    /// <inheritdoc />
    public override IStageSession Open(StageWork work) => output.Open(work);

    /// <inheritdoc />
    public override bool Serves(StageWork work) => false;
}
