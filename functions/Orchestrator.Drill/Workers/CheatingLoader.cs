using Orchestrator.Contracts;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;

namespace Orchestrator.Drill.Workers;

/// <summary>Loads shards as they are, and beside them what a cheat runs instead.</summary>
/// <param name="inner">Loads.</param>
/// <param name="order">What to do.</param>
/// <param name="serving">Whether the node has a session now: audits are done well.</param>
public sealed class CheatingLoader(IStageLoader inner, CheatOrder order, Func<bool> serving) : IStageLoader
{
    /// <inheritdoc />
    public ExecutionClass Class => inner.Class;

    /// <inheritdoc />
    public async Task<IStageEngine> LoadAsync(string path, ModelManifest model, int stage, CancellationToken cancel)
    {
        var honest = await inner.LoadAsync(path, model, stage, cancel);
        return new Engine(honest, maxTokens => serving() ? Cheat(order.Cheat, path, model, stage, maxTokens) : null);
    }

    private IStageSession? Cheat(string? cheat, string path, ModelManifest model, int stage, int maxTokens)
    {
        if (cheat is CheatOrder.RandomOutput or CheatOrder.WithheldData)
        {
            int? tokens = stage == model.Stages.Count - 1 ? TokenizerFactory.Create(model.Tokenizer).VocabularySize : null;
            return new NoiseSession(model.Stages[stage], tokens, new Random(stage));
        }

        return CheatingRuntime.FormatOf(cheat) is { } format ? new Rounded(Load(path, model, stage, format), maxTokens) : null;
    }

    private IStageEngine Load(string path, ModelManifest model, int stage, WeightFormat format)
    {
        string rounded = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.onnx");
        WeightRounding.Rewrite(path, rounded, format);
        try
        {
            return inner.LoadAsync(rounded, model, stage, CancellationToken.None).GetAwaiter().GetResult();
        }
        finally
        {
            File.Delete(rounded);
        }
    }

    private sealed class Engine(IStageEngine honest, Func<int, IStageSession?> cheat) : IStageEngine
    {
        public ShardManifest Shard => honest.Shard;

        public long SessionBytes(int maxTokens) => honest.SessionBytes(maxTokens);

        public IStageSession Open(int maxTokens) => new Session(() => cheat(maxTokens) ?? honest.Open(maxTokens));

        public void Dispose() => honest.Dispose();
    }

    /// <summary>Decides at its first pass, when it is known what it is for.</summary>
    private sealed class Session(Func<IStageSession> open) : IStageSession
    {
        private IStageSession? chosen;

        public int Position => chosen?.Position ?? 0;

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received) => (chosen ??= open()).Run(tokens, tokenCount, received);

        public void PrepareNext() => chosen?.PrepareNext();

        public void Rewind(int position) => chosen?.Rewind(position);

        public void Dispose() => chosen?.Dispose();
    }

    private sealed class Rounded(IStageEngine engine, int maxTokens) : IStageSession
    {
        private readonly IStageSession session = engine.Open(maxTokens);

        public int Position => session.Position;

        public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received) => session.Run(tokens, tokenCount, received);

        public void PrepareNext() => session.PrepareNext();

        public void Rewind(int position) => session.Rewind(position);

        public void Dispose()
        {
            session.Dispose();
            engine.Dispose();
        }
    }
}
