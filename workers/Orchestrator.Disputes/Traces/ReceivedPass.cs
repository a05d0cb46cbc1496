using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Traces;

/// <summary>What a stage received for one pass.</summary>
/// <param name="Pass">Where the pass lies.</param>
/// <param name="TokenIds">Token ids; empty unless the shard reads them.</param>
/// <param name="Tensors">Tensors of <see cref="ShardManifest.Receives"/>, in that order.</param>
public sealed record ReceivedPass(ChunkPass Pass, IReadOnlyList<int> TokenIds, IReadOnlyList<Tensor> Tensors);

/// <summary>All passes that a stage received for one choice, in order, readable any number of times.</summary>
public interface IReceivedPasses
{
    /// <summary>The passes from a given one on.</summary>
    /// <param name="from">0-based number of the first pass.</param>
    /// <exception cref="InvalidDataException">The source is damaged or does not fit the shard.</exception>
    IEnumerable<ReceivedPass> From(int from);
}
