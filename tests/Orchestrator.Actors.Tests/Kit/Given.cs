using System.Text;
using Orchestrator.Contracts;

namespace Orchestrator.Actors.Tests.Kit;

internal static class Given
{
    public static Digest DigestOf(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));

    public static NodeId NodeOf(string name) => NodeId.FromPublicKey(Encoding.UTF8.GetBytes(name));

    public static NodeRecord Record(string name, DateTimeOffset at, string host = "host-a") => new(
        1, NodeOf(name), host, "eu", $"{name}:7000", new Uri($"https://{name}/"), DigestOf(name),
        new NodeCapability(1_000_000, 2, 8, new ExecutionClass("onnxruntime/1.31.1", "cpu", "disabled", "fma")), 1, at);

    public static NodeHeartbeat Heartbeat(string name, long sequence, DateTimeOffset at, params ShardStatus[] shards) =>
        new(1, NodeOf(name), sequence, shards, 0, false, at);

    public static ModelManifest Manifest(string name, int stages = 2) => new(
        ModelManifest.CurrentSchema, name, DigestOf("source"), stages, 256, 1000, 300, TokenizerSpec.ByteDefault, KvLayout.Shared,
        [.. Enumerable.Range(0, stages).Select(s => new ShardManifest(s, new LayerRange(s, s + 1), DigestOf($"shard {s}"), 10, 10,
            [new ModelInput("input_ids", InputRole.TokenIds, new TensorSpec(ElementType.Int64, [-1, -2], 8))], [],
            [new BoundaryTensor("hidden", true, new TensorSpec(ElementType.Float32, [-1, -2, 64], 256))],
            [new CacheTensor(s, "past", "present", new TensorSpec(ElementType.Float32, [-1, 4, -3, 16], 256))], 256))]);
}
