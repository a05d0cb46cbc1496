using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Audits;

/// <summary>The same passes as recorded: on a node of the same class the outputs have the same bits.</summary>
public sealed class ExactReplay : IReplay
{
    /// <inheritdoc />
    public IEnumerable<IReadOnlyList<(InputPass Pass, IReadOnlyList<Tensor> Sends)>> Run(IStageSession session, InputFileReader inputs)
    {
        while (inputs.Read() is { } pass)
            yield return [(pass, session.Run(pass.Tokens, pass.Pass.Tokens, pass.Received))];
    }
}
