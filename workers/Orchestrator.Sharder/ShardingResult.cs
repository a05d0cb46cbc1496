using Orchestrator.Contracts;
using Orchestrator.Sharder.Checking;

namespace Orchestrator.Sharder;

/// <summary>What sharding made.</summary>
/// <param name="Manifest">The manifest.</param>
/// <param name="ManifestBytes">The manifest's JSON, exactly as written and as <paramref name="ManifestDigest"/> names it.</param>
/// <param name="ManifestDigest">SHA-256 of <paramref name="ManifestBytes"/>.</param>
/// <param name="ManifestPath">Where the manifest lies.</param>
/// <param name="ShardPaths">Shard files by stage.</param>
/// <param name="Cuts">One per boundary between stages.</param>
/// <param name="Balance">Each stage's share of the compute, by stage; they add up to 1.</param>
/// <param name="DroppedOutputs">Outputs of the model that are neither logits nor caches.</param>
/// <param name="Check">How chain and whole compare; null when not asked for.</param>
public sealed record ShardingResult(
    ModelManifest Manifest,
    ReadOnlyMemory<byte> ManifestBytes,
    Digest ManifestDigest,
    string ManifestPath,
    IReadOnlyList<string> ShardPaths,
    IReadOnlyList<CutReport> Cuts,
    IReadOnlyList<double> Balance,
    IReadOnlyList<string> DroppedOutputs,
    ModelCheckReport? Check);

/// <summary>What crosses one boundary.</summary>
/// <param name="Layer">The first layer after it.</param>
/// <param name="LiveTensors">Names of the tensors that cross.</param>
/// <param name="BytesPerToken">Bytes of those that grow with the tokens, for one token.</param>
/// <param name="FixedBytes">Bytes of the others, for one pass.</param>
public sealed record CutReport(int Layer, IReadOnlyList<string> LiveTensors, long BytesPerToken, long FixedBytes);
