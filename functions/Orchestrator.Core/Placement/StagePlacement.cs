using Orchestrator.Contracts;

namespace Orchestrator.Core.Placement;

/// <summary>A node should hold a stage.</summary>
public sealed record StagePlacement(NodeId Node, int Stage);
