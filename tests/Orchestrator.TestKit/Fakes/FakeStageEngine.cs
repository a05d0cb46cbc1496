using Orchestrator.Contracts;

namespace Orchestrator.TestKit;

internal sealed class FakeStageEngine(FakeStageLoader loader, FakeModel model, int stage) : IStageEngine
{
    private int disposed;

    /// <inheritdoc />
    public ShardManifest Shard => model.Manifest.Stages[stage];

    /// <inheritdoc />
    public long SessionBytes(int maxTokens) => maxTokens * Shard.Caches.Sum(cache => cache.Spec.BytesPerToken);

    /// <inheritdoc />
    public IStageSession Open(int maxTokens)
    {
        ObjectDisposedException.ThrowIf(disposed != 0, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxTokens, model.Manifest.ContextLength);
        return new FakeStageSession(loader, model, Shard, maxTokens);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
            loader.Unloaded();
    }
}
