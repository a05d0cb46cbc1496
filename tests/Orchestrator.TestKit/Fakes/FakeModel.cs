using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.TestKit;

/// <summary>
/// A model of pure arithmetic with a valid manifest and small shard files, for tests of everything around a runtime. Stages exchange
/// <c>hidden.N</c> and a tensor <c>tokens</c> that only the last stage reads, so the ones between pass it on.
/// </summary>
public sealed class FakeModel
{
    private const int HeadSize = 2;
    private const int CacheBytesPerToken = HeadSize * sizeof(float);

    /// <summary>Cuts a model into stages of as equal layer counts as possible.</summary>
    /// <param name="layers">Decoder layers, at least <paramref name="stages"/>.</param>
    /// <param name="stages">Shards.</param>
    /// <param name="vocabulary">Logits per position, 261 or more for the byte tokenizer.</param>
    /// <param name="context">Most tokens of a session.</param>
    /// <param name="seed">Models of different seeds answer differently.</param>
    /// <param name="floats">Says that the bits between its stages are of float32, so that they have fingerprints.</param>
    public FakeModel(int layers = 8, int stages = 4, int vocabulary = 264, int context = 512, ulong seed = 1, bool floats = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, stages);
        Seed = seed;
        Manifest = new ModelManifest(
            ModelManifest.CurrentSchema, $"fake-{seed}", Digest.Of(Encoding.UTF8.GetBytes($"fake model {seed}")), layers, context, stages, vocabulary,
            TokenizerSpec.ByteDefault, KvLayout.Growing, [.. Enumerable.Range(0, stages).Select(stage => Shard(stage, layers, stages, vocabulary, floats))]);
        ManifestJson = JsonSerializer.SerializeToUtf8Bytes(Manifest, ContractsJson.Default.ModelManifest);
        ManifestDigest = Digest.Of(ManifestJson);
    }

    /// <summary>What the model's answers depend on.</summary>
    public ulong Seed { get; }

    /// <summary>The manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The manifest's bytes in the blob store.</summary>
    public byte[] ManifestJson { get; }

    /// <summary>The manifest's name in the blob store.</summary>
    public Digest ManifestDigest { get; }

    /// <summary>The file of one shard; its digest is the manifest's <see cref="ShardManifest.Blob"/>.</summary>
    public byte[] ShardFile(int stage) => ShardFile(stage, Manifest.Stages.Count);

    /// <summary>Puts manifest and shards into a store, as publishing a real model does.</summary>
    public async Task<Digest> PublishAsync(IBlobStore store, CancellationToken cancel = default)
    {
        for (int stage = 0; stage < Manifest.Stages.Count; stage++)
            await store.PutAsync(new MemoryStream(ShardFile(stage)), cancel);
        return await store.PutAsync(new MemoryStream(ManifestJson), cancel);
    }

    private byte[] ShardFile(int stage, int stages) => Encoding.UTF8.GetBytes($"fake shard {stage} of {stages}, seed {Seed}");

    private ShardManifest Shard(int stage, int layers, int stages, int vocabulary, bool floats)
    {
        byte[] file = ShardFile(stage, stages);
        var range = new LayerRange(stage * layers / stages, (stage + 1) * layers / stages);
        BoundaryTensor[] receives = stage == 0 ? [] : Boundary(stage - 1, receiving: true, last: stage == stages - 1, floats);
        BoundaryTensor[] sends = stage == stages - 1
            ? [new("logits", true, new(ElementType.Float32, [TensorSizes.Batch, TensorSizes.Sequence, vocabulary], vocabulary * sizeof(float)))]
            : Boundary(stage, receiving: false, last: false, floats);
        ModelInput[] inputs = stage == 0
            ? [new("input_ids", InputRole.TokenIds, new(ElementType.Int64, [TensorSizes.Batch, TensorSizes.Sequence], sizeof(long)))]
            : [];
        var cache = new TensorSpec(ElementType.Float32, [TensorSizes.Batch, 1, TensorSizes.Total, HeadSize], CacheBytesPerToken);
        CacheTensor[] caches =
        [
            .. Enumerable.Range(range.Start, range.Count).SelectMany(layer => new CacheTensor[]
            {
                new(layer, $"past.{layer}.key", $"present.{layer}.key", cache),
                new(layer, $"past.{layer}.value", $"present.{layer}.value", cache),
            }),
        ];
        return new(stage, range, Digest.Of(file), file.Length, 1, inputs, receives, sends, caches, sends.Sum(tensor => tensor.Spec.BytesPerToken));
    }

    /// <summary>The two tensors between <paramref name="stage"/> and the next, as either side sees them.</summary>
    private static BoundaryTensor[] Boundary(int stage, bool receiving, bool last, bool floats) =>
    [
        new($"hidden.{stage}", true, floats
            ? new(ElementType.Float32, [TensorSizes.Batch, TensorSizes.Sequence, 2], sizeof(long))
            : new(ElementType.Int64, [TensorSizes.Batch, TensorSizes.Sequence, 1], sizeof(long))),
        new("tokens", receiving ? last : stage == 0, new(floats ? ElementType.Float32 : ElementType.Int32, [TensorSizes.Batch, TensorSizes.Sequence], sizeof(int))),
    ];
}
