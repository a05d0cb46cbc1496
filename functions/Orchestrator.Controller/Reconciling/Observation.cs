using k8s.Models;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>All that a reconciliation saw.</summary>
/// <param name="Model">The model, with its last status.</param>
/// <param name="Workloads">StatefulSets by name.</param>
/// <param name="Nodes">Nodes of every stage; null when it did not get that far.</param>
/// <param name="Platform">The model as the platform has it; null when that is not known.</param>
/// <param name="PlacementVersion">Version of the placement; null when that is not known.</param>
/// <param name="Problem">Why it did not get to its end; null when it did.</param>
public sealed record Observation(
    InferenceModel Model,
    IReadOnlyDictionary<string, V1StatefulSet> Workloads,
    IReadOnlyList<IReadOnlyList<PodNode>>? Nodes,
    PlatformModel? Platform,
    long? PlacementVersion,
    Problem? Problem);
