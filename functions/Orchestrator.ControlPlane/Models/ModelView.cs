using Orchestrator.Contracts;
using Orchestrator.Core.Placement;

namespace Orchestrator.ControlPlane.Models;

/// <summary>A model and where its shards are.</summary>
/// <param name="Name">The name clients use.</param>
/// <param name="Manifest">SHA-256 of its manifest.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="LayerCount">Layers.</param>
/// <param name="ContextLength">Most tokens of a session.</param>
/// <param name="ParameterCount">Parameters.</param>
/// <param name="PlacementVersion">Version of the wanted placement.</param>
/// <param name="Stages">In chain order.</param>
public sealed record ModelView(
    string Name,
    Digest Manifest,
    DateTimeOffset PublishedAt,
    int LayerCount,
    int ContextLength,
    long ParameterCount,
    long PlacementVersion,
    IReadOnlyList<StageView> Stages);

/// <summary>One stage.</summary>
/// <param name="Stage">Its place.</param>
/// <param name="Layers">Its layers.</param>
/// <param name="Bytes">Size of its file.</param>
/// <param name="Nodes">Nodes that hold it or should.</param>
public sealed record StageView(int Stage, LayerRange Layers, long Bytes, IReadOnlyList<StageNodeView> Nodes);

/// <summary>A node of a stage.</summary>
/// <param name="Node">The node.</param>
/// <param name="Host">Its host; empty before it registered.</param>
/// <param name="Wanted">It should hold the stage.</param>
/// <param name="State"><c>ready, loading, failed</c> as it reports, else <c>missing</c>.</param>
/// <param name="Live">It reports in time, and the platform reaches it.</param>
/// <param name="Answers">It has shown that it can answer demands of evidence, so that it may get checked work.</param>
public sealed record StageNodeView(NodeId Node, string Host, bool Wanted, string State, bool Live, bool Answers = true);

/// <summary>Where to place a model; with explicit placements those count, else chains are planned.</summary>
/// <param name="Chains">Complete chains on disjoint hosts wanted; default the platform's.</param>
/// <param name="Placements">Which node should hold which stage.</param>
public sealed record PlaceRequest(int? Chains = null, IReadOnlyList<StagePlacement>? Placements = null);

/// <summary>What was placed.</summary>
/// <param name="Version">Version of the placement.</param>
/// <param name="Chains">Complete chains it allows once loaded; null for explicit placements.</param>
/// <param name="Placements">Wanted stage of each node.</param>
/// <param name="Problems">Why there are fewer chains than wanted.</param>
public sealed record PlaceAnswer(long Version, int? Chains, IReadOnlyList<StagePlacement> Placements, IReadOnlyList<string> Problems);

/// <summary>A stored blob.</summary>
public sealed record BlobView(Digest Digest, long Bytes);
