using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Audits;

/// <summary>Runs recorded inputs again.</summary>
public interface IReplay
{
    /// <summary>Runs the engine once per item: the recorded passes it covered, with what the stage puts out for each, valid until the next item.</summary>
    /// <exception cref="InvalidDataException">The inputs do not fit the shard.</exception>
    IEnumerable<IReadOnlyList<(InputPass Pass, IReadOnlyList<Tensor> Sends)>> Run(IStageSession session, InputFileReader inputs);
}
