using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.Controller.Platform;

/// <summary>A model as the platform's API shows it; what the controller does not need is left out.</summary>
/// <param name="Name">The name clients use.</param>
/// <param name="Manifest">SHA-256 of its manifest.</param>
/// <param name="PlacementVersion">Version of the wanted placement.</param>
/// <param name="Stages">In chain order.</param>
public sealed record PlatformModel(string Name, Digest Manifest, long PlacementVersion, IReadOnlyList<PlatformStage> Stages);

/// <summary>One stage.</summary>
/// <param name="Stage">Its place.</param>
/// <param name="Nodes">Nodes that hold it or should.</param>
public sealed record PlatformStage(int Stage, IReadOnlyList<PlatformStageNode> Nodes);

/// <summary>A node of a stage.</summary>
/// <param name="Node">The node.</param>
/// <param name="Wanted">It should hold the stage.</param>
/// <param name="State"><c>ready, loading, failed</c> or <c>missing</c>.</param>
/// <param name="Live">It reports in time.</param>
public sealed record PlatformStageNode(NodeId Node, bool Wanted, string State, bool Live);

/// <summary>A node that should hold a stage.</summary>
public sealed record NodePlacement(NodeId Node, int Stage);

/// <summary>Body of <c>POST /api/models/{name}/place</c>.</summary>
public sealed record PlaceBody(IReadOnlyList<NodePlacement> Placements);

/// <summary>Its answer.</summary>
public sealed record PlaceResult(long Version);

/// <summary>The platform's error shape.</summary>
public sealed record ErrorAnswer(ErrorDetail? Error);

/// <summary>What went wrong.</summary>
public sealed record ErrorDetail(string? Message, string? Code);

/// <summary>JSON of the platform's API.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PlatformModel))]
[JsonSerializable(typeof(PlaceBody))]
[JsonSerializable(typeof(PlaceResult))]
[JsonSerializable(typeof(ErrorAnswer))]
public sealed partial class PlatformJson : JsonSerializerContext;
