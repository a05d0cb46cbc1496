using Dapr.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;

namespace Orchestrator.Actors;

/// <summary>
/// One model (actor id = model name): its manifest, the wanted placement, and which nodes hold which stage.
/// </summary>
public interface IModelActor : IActor
{
    /// <summary>Publishes a manifest (a newer one replaces it and clears the placement).</summary>
    Task<ModelState> PublishAsync(ModelPublication publication);

    /// <summary>States the wanted placement; the version rises when it differs.</summary>
    /// <exception cref="ActorMethodInvocationException">The model was never published.</exception>
    Task<ModelState> PlaceAsync(IReadOnlyList<StagePlacement> placements);

    /// <summary>Takes a node's state into the topology (records and heartbeats both); an older one is ignored.</summary>
    Task ReportNodeAsync(NodeState node);

    /// <summary>The model now; null when it was never published.</summary>
    Task<ModelState?> GetAsync();
}

/// <summary>A manifest and where its bytes are.</summary>
public sealed record ModelPublication(Digest ManifestDigest, ModelManifest Manifest, DateTimeOffset PublishedAt);

/// <summary>A model as the platform sees it.</summary>
/// <param name="Publication">What was published.</param>
/// <param name="PlacementVersion">Version sent in <see cref="Contracts.Placement.Version"/>.</param>
/// <param name="Placements">Wanted stage of each node.</param>
/// <param name="Nodes">Nodes that hold or should hold a stage, as last reported; their heartbeats list shards of this manifest only, without errors.</param>
public sealed record ModelState(
    ModelPublication Publication,
    long PlacementVersion,
    IReadOnlyList<StagePlacement> Placements,
    IReadOnlyList<NodeState> Nodes);
