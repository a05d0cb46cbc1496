using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Tests;

/// <summary>Small models and nodes to plan with.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Digest Model = DigestOf("model");

    public static readonly ExecutionClass Class = new("onnxruntime/1.31.1", "cpu", "disabled", "fma");

    public static Digest DigestOf(string text) => Digest.Of(Encoding.UTF8.GetBytes(text));

    public static NodeId NodeOf(string name) => NodeId.FromPublicKey(Encoding.UTF8.GetBytes(name));

    public static JobId JobOf(int number) => JobId.TryParse($"job-{number:x32}", out var id) ? id : throw new FormatException();

    /// <summary>Two layers per stage; every shard has <paramref name="bytes"/> bytes and no cache to speak of.</summary>
    public static ModelManifest Manifest(int stages, long bytes = 1000, int context = 256, long cacheBytesPerToken = 0) => new(
        ModelManifest.CurrentSchema, "tiny", DigestOf("source"), 2 * stages, context, 1_000_000, 300, TokenizerSpec.ByteDefault, KvLayout.Growing,
        [.. Enumerable.Range(0, stages).Select(s => new ShardManifest(
            s, new LayerRange(2 * s, 2 * s + 2), DigestOf($"shard {s}"), bytes, 1000, [], [], [],
            cacheBytesPerToken == 0 ? [] : [new CacheTensor(2 * s, "past", "present", new TensorSpec(ElementType.Float32, [-1, 4, -3, 16], cacheBytesPerToken))],
            0))]);

    /// <summary>A live node whose listed stages are ready.</summary>
    public static NodeState Node(
        string name,
        string host,
        IEnumerable<int> stages,
        int active = 0,
        int max = 8,
        long memory = 100_000,
        long price = 1,
        bool draining = false,
        TimeSpan silent = default,
        ShardState state = ShardState.Ready,
        ExecutionClass? @class = null,
        string region = "eu")
    {
        var id = NodeOf(name);
        return new NodeState(
            new NodeRecord(1, id, host, region, $"{name}:7000", new Uri($"https://{name}/"), DigestOf(name), new NodeCapability(memory, 1, max, @class ?? Class), price, Now),
            new NodeHeartbeat(1, id, 1, [.. stages.Select(s => new ShardStatus(Model, s, state))], active, draining, Now - silent),
            Now - silent,
            0,
            0);
    }
}
