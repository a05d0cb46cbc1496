using Orchestrator.Contracts;
using Orchestrator.Sharder.Operators;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Evidence;

/// <summary>Tensors that were proven to be in an agreed trace.</summary>
public sealed class ProvenValues
{
    private readonly Dictionary<(int Step, int Output), Tensor> values = [];

    private ProvenValues()
    {
    }

    /// <summary>Checks every entry.</summary>
    /// <param name="evidence">What a party showed.</param>
    /// <param name="layout">The shard's layout, read from the shard itself.</param>
    /// <param name="agreed">The state that both parties signed.</param>
    /// <param name="steps">The number of steps it covers.</param>
    /// <exception cref="InvalidDataException">An entry does not fit the agreed state: whoever showed it withholds.</exception>
    public static ProvenValues Check(IReadOnlyList<TraceEvidence> evidence, TraceLayout layout, Digest agreed, int steps)
    {
        var proven = new ProvenValues();
        foreach (var entry in evidence)
        {
            if (entry.Step >= steps || entry.Digests.Count != layout.OutputsOf(entry.Step) || entry.Output >= entry.Digests.Count)
                throw new InvalidDataException($"There is no output {entry.Output} of step {entry.Step}.");
            if (TraceHash.Of(entry.Tensor) != entry.Digests[entry.Output])
                throw new InvalidDataException($"Output {entry.Output} of step {entry.Step} is not the tensor its digest names.");
            if (!MerkleTree.Contains(agreed, steps, entry.Step, TraceHash.Leaf(entry.Digests), entry.Path))
                throw new InvalidDataException($"Step {entry.Step} is not in the agreed trace with these outputs.");
            proven.values[(entry.Step, entry.Output)] = entry.Tensor;
        }

        return proven;
    }

    /// <summary>One tensor.</summary>
    /// <exception cref="InvalidDataException">It was not shown.</exception>
    public Tensor this[(int Step, int Output) value] => values.TryGetValue(value, out var tensor) ? tensor
        : throw new InvalidDataException($"Output {value.Output} of step {value.Step} is missing.");
}
