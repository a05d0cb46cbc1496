using Dapr.Actors;
using Orchestrator.Contracts;

namespace Orchestrator.Actors;

/// <summary>
/// One model (actor id = model name): its manifest, the wanted placement, and which nodes hold which stage.
/// </summary>
public interface IModelActor : IActor
{
    /// <summary>Publishes a manifest (a newer one replaces it).</summary>
    Task<ModelState> PublishAsync(ModelPublication publication);

    /// <summary>States the wanted placement; the version rises when it differs.</summary>
    Task<ModelState> PlaceAsync(IReadOnlyList<StagePlacement> placements);

    /// <summary>Takes a node's state into the topology (records and heartbeats both).</summary>
    Task ReportNodeAsync(NodeState node);

    /// <summary>The model now; null when it was never published.</summary>
    Task<ModelState?> GetAsync();
}

/// <summary>A manifest and where its bytes are.</summary>
public sealed record ModelPublication(Digest ManifestDigest, ModelManifest Manifest, DateTimeOffset PublishedAt);

/// <summary>A model as the platform sees it.</summary>
/// <param name="Publication">What was published.</param>
/// <param name="PlacementVersion">Version sent in <see cref="Placement.Version"/>.</param>
/// <param name="Placements">Wanted stage of each node.</param>
/// <param name="Nodes">Nodes that hold or should hold a stage, as last reported.</param>
public sealed record ModelState(
    ModelPublication Publication,
    long PlacementVersion,
    IReadOnlyList<StagePlacement> Placements,
    IReadOnlyList<NodeState> Nodes);

/// <summary>A node should hold a stage.</summary>
public sealed record StagePlacement(NodeId Node, int Stage);

/// <summary>Lists what exists (single actor, id <c>catalog</c>).</summary>
public interface ICatalogActor : IActor
{
    /// <summary>Adds a model name; repeated adds change nothing.</summary>
    Task AddModelAsync(string name);

    /// <summary>Adds a node id; repeated adds change nothing.</summary>
    Task AddNodeAsync(NodeId node);

    /// <summary>Everything known.</summary>
    Task<Catalog> GetAsync();
}

/// <summary>All model names and node ids, sorted.</summary>
public sealed record Catalog(IReadOnlyList<string> Models, IReadOnlyList<NodeId> Nodes);
