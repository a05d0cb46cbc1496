using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Evidence;

/// <summary>One tensor of a trace with the proof that it is in it.</summary>
/// <param name="Step">The step that put it out.</param>
/// <param name="Output">Which of the step's tensors it is.</param>
/// <param name="Digests">Digests of all tensors of that step, this one included.</param>
/// <param name="Path">Merkle path of the step's leaf.</param>
/// <param name="Tensor">The tensor.</param>
public sealed record TraceEvidence(int Step, int Output, IReadOnlyList<Digest> Digests, IReadOnlyList<Digest> Path, Tensor Tensor);
