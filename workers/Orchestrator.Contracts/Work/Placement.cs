namespace Orchestrator.Contracts;

/// <summary>Tells a node which shards of a model to hold. Idempotent: it states the whole wanted set for that model.</summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The node it is for.</param>
/// <param name="Manifest">SHA-256 of the manifest, also its name in the blob store.</param>
/// <param name="Stages">Stages to hold; empty to drop the model.</param>
/// <param name="Version">Rises with every placement of this model on this node; lower ones are ignored, unless they were issued after the model was dropped.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record Placement(int SchemaVersion, NodeId Node, Digest Manifest, IReadOnlyList<int> Stages, long Version, DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
