namespace Orchestrator.Sharder.Cutting;

/// <summary>What a cut must know of a graph: placed nodes, what they need and make, and what each value costs to send.</summary>
/// <param name="Nodes">Number of nodes.</param>
/// <param name="Values">One per value that a node makes.</param>
internal sealed record CutProblem(int Nodes, IReadOnlyList<CutValue> Values);

/// <summary>A value that may cross a cut.</summary>
/// <param name="Producer">The node that makes it.</param>
/// <param name="Consumers">The nodes that need it.</param>
/// <param name="Cost">Cost when it crosses; <see cref="Dinic.Infinite"/> when it must not.</param>
internal sealed record CutValue(int Producer, IReadOnlyList<int> Consumers, long Cost);
