using Orchestrator.Disputes.Traces;

namespace Orchestrator.Drill.Network;

/// <summary>What a stage received, as it kept it.</summary>
public sealed class KeptPasses(IReadOnlyList<ReceivedPass> passes) : IReceivedPasses
{
    /// <inheritdoc />
    public IEnumerable<ReceivedPass> From(int from) => passes.Skip(from);
}
