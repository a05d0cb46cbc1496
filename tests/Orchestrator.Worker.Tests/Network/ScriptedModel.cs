using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Tests.Network;

/// <summary>
/// A model whose answer is known: after the assistant marker it says its script and ends. The boundary tensor carries the token and a sum
/// that every stage adds to, so that a lost, reordered or repeated pass changes bytes.
/// </summary>
internal static class ScriptedModel
{
    public const int Vocabulary = 261;
    public const int Context = 512;
    public const int Width = 2;

    public static (ModelManifest Manifest, byte[][] Shards) Build(int stages)
    {
        byte[][] shards = [.. Enumerable.Range(0, stages).Select(i => Encoding.UTF8.GetBytes($"scripted shard {i} of {stages}"))];
        var hidden = new TensorSpec(ElementType.Float32, [-1, -2, Width], 4 * Width);
        var logits = new TensorSpec(ElementType.Float32, [-1, -2, Vocabulary], 4 * Vocabulary);
        var cache = new TensorSpec(ElementType.Float32, [-1, 1, -3, 2], 8);
        var list = new List<ShardManifest>();
        for (int i = 0; i < stages; i++)
        {
            bool last = i == stages - 1;
            list.Add(new ShardManifest(
                i,
                new LayerRange(i, i + 1),
                Digest.Of(shards[i]),
                shards[i].Length,
                10,
                i == 0 ? [new ModelInput("input_ids", InputRole.TokenIds, new TensorSpec(ElementType.Int64, [-1, -2], 8))] : [],
                i == 0 ? [] : [new BoundaryTensor($"h{i - 1}", true, hidden)],
                [last ? new BoundaryTensor("logits", true, logits) : new BoundaryTensor($"h{i}", true, hidden)],
                [new CacheTensor(i, $"past.{i}.key", $"present.{i}.key", cache), new CacheTensor(i, $"past.{i}.value", $"present.{i}.value", cache)],
                last ? 4 * Vocabulary : 4 * Width));
        }

        return (new ModelManifest(1, "scripted", Digest.Of("source"u8), stages, Context, 10 * stages, Vocabulary, TokenizerSpec.ByteDefault, KvLayout.Growing, list), shards);
    }

    public static byte[] Json(ModelManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest);
}

/// <summary>Loads scripted shards and watches over their caches.</summary>
internal sealed class ScriptedLoader(byte[] script) : IStageLoader
{
    private int openCaches;

    public ExecutionClass Class { get; } = new("scripted/1", "cpu", "disabled", "none");

    /// <summary>Runs before every pass with the stage and the position; may block or throw.</summary>
    public Action<int, int>? BeforePass { get; set; }

    /// <summary>Runs before a load; may block or throw.</summary>
    public Func<int, Task>? BeforeLoad { get; set; }

    public int OpenCaches => Volatile.Read(ref openCaches);

    public int LoadedEngines => Volatile.Read(ref loadedEngines);

    private int loadedEngines;

    public async Task<IStageEngine> LoadAsync(string path, ModelManifest model, int stage, CancellationToken cancel)
    {
        Digest.Of(await File.ReadAllBytesAsync(path, cancel)).ShouldBe(model.Stages[stage].Blob);
        if (BeforeLoad is { } before)
            await before(stage);
        Interlocked.Increment(ref loadedEngines);
        return new Engine(this, model, stage, script);
    }

    private sealed class Engine(ScriptedLoader owner, ModelManifest model, int stage, byte[] script) : IStageEngine
    {
        public ShardManifest Shard => model.Stages[stage];

        public long SessionBytes(int maxTokens) => 16L * maxTokens;

        public IStageSession Open(int maxTokens)
        {
            Interlocked.Increment(ref owner.openCaches);
            return new Session(owner, stage, stage == model.Stages.Count - 1, maxTokens, script);
        }

        public void Dispose() => Interlocked.Decrement(ref owner.loadedEngines);
    }

    private sealed class Session(ScriptedLoader owner, int stage, bool last, int maxTokens, byte[] script) : IStageSession
    {
        private readonly List<int> tokens = [];
        private int disposed;

        public int Position => tokens.Count;

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> ids, int tokenCount, IReadOnlyList<Tensor> received)
        {
            ObjectDisposedException.ThrowIf(disposed != 0, this);
            owner.BeforePass?.Invoke(stage, Position);
            if (Position + tokenCount > maxTokens)
                throw new InvalidDataException("The cache would overflow.");
            if (stage == 0 && ids.Length != tokenCount)
                throw new InvalidDataException("Tokens are missing.");
            float[] hidden = new float[tokenCount * ScriptedModel.Width];
            if (stage == 0)
            {
                for (int i = 0; i < tokenCount; i++)
                    hidden[2 * i] = ids[i];
            }
            else
            {
                received[0].Shape.ShouldBe([1, tokenCount, ScriptedModel.Width]);
                System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(received[0].Bytes.Span).CopyTo(hidden);
            }

            for (int i = 0; i < tokenCount; i++)
            {
                tokens.Add((int)hidden[2 * i]);
                hidden[2 * i + 1] += (stage + 1) * tokens.Count;
            }

            return last ? [Logits(tokenCount)] : [Of(hidden, tokenCount, ScriptedModel.Width)];
        }

        public void Rewind(int position) => tokens.RemoveRange(position, tokens.Count - position);

        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0)
                Interlocked.Decrement(ref owner.openCaches);
        }

        private Tensor Logits(int count)
        {
            float[] logits = new float[count * ScriptedModel.Vocabulary];
            for (int i = 0; i < count; i++)
            {
                int at = tokens.Count - count + i;
                int said = at - tokens.LastIndexOf(TokenizerSpec.ByteDefault.Special["assistant"], at);
                int next = said < script.Length ? script[said] : TokenizerSpec.ByteDefault.Special["end"];
                logits[i * ScriptedModel.Vocabulary + next] = 30;
            }

            return Of(logits, count, ScriptedModel.Vocabulary);
        }

        private static Tensor Of(float[] values, int count, int width) =>
            new(ElementType.Float32, [1, count, width], System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }
}
