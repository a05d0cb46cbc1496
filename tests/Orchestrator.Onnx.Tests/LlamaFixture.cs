using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Onnx.Tests;

/// <summary>A small random Llama on disk with a hand-written one-stage manifest, so that the runtime is tested without the sharder.</summary>
public sealed class LlamaFixture : IDisposable
{
    private readonly Dictionary<AttentionStyle, string> paths = [];
    private readonly string folder = Directory.CreateTempSubdirectory("onnx-tests-").FullName;

    public LlamaConfig Config { get; } = new(Layers: 3, DModel: 32, Heads: 4, KvHeads: 2, HeadDim: 16, Ffn: 64, Context: 160);

    public string Path(AttentionStyle style)
    {
        lock (paths)
        {
            if (!paths.TryGetValue(style, out string? path))
            {
                path = System.IO.Path.Combine(folder, $"{style}.onnx");
                File.WriteAllBytes(path, LlamaOnnxExporter.Export(LlamaWeights.Random(Config, 7), style).ToByteArray());
                paths[style] = path;
            }

            return path;
        }
    }

    public ModelManifest Manifest(AttentionStyle style)
    {
        List<ModelInput> inputs =
        [
            new("input_ids", InputRole.TokenIds, new(ElementType.Int64, [-1, -2], 8)),
            new("attention_mask", InputRole.AttentionMask, new(ElementType.Int64, [-1, -3], 8)),
        ];
        if (style == AttentionStyle.Standard)
            inputs.Add(new("position_ids", InputRole.PositionIds, new(ElementType.Int64, [-1, -2], 8)));
        var cache = new TensorSpec(ElementType.Float32, [-1, Config.KvHeads, -3, Config.HeadDim], Config.KvHeads * Config.HeadDim * 4);
        List<CacheTensor> caches = [];
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            foreach (string kind in (string[])["key", "value"])
                caches.Add(new(layer, $"past_key_values.{layer}.{kind}", $"present.{layer}.{kind}", cache));
        }

        var logits = new BoundaryTensor("logits", true, new(ElementType.Float32, [-1, -2, Config.Vocab], Config.Vocab * 4L));
        var shard = new ShardManifest(0, new(0, Config.Layers), Digest.Of(File.ReadAllBytes(Path(style))), new FileInfo(Path(style)).Length, 1, inputs, [], [logits], caches, Config.Vocab * 4L);
        return new(ModelManifest.CurrentSchema, "tiny", shard.Blob, Config.Layers, Config.Context, 1, Config.Vocab, TokenizerSpec.ByteDefault,
            style == AttentionStyle.Standard ? KvLayout.Growing : KvLayout.Shared, [shard]);
    }

    public async Task<IStageEngine> Load(AttentionStyle style, OnnxOptions? options = null) =>
        await new OnnxStageLoader(options).LoadAsync(Path(style), Manifest(style), 0, TestContext.Current.CancellationToken);

    public int[] Tokens(int count, int seed = 1)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(256))];
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
