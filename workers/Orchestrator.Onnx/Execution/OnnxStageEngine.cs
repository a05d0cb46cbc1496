using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Caches;

namespace Orchestrator.Onnx.Execution;

/// <summary>One shard loaded into ONNX Runtime. Its native session lives until the engine and all its sessions are disposed.</summary>
public sealed class OnnxStageEngine : IStageEngine
{
    /// <summary>Caches are as long as asked for, rounded up to this many tokens.</summary>
    private const int CapacityStep = 64;

    private readonly InferenceSession session;
    private readonly ModelManifest model;
    private readonly CacheGeometry[] caches;
    private readonly Lock gate = new();
    private int users = 1;
    private bool disposed;

    internal OnnxStageEngine(InferenceSession session, ModelManifest model, ShardManifest shard)
    {
        (this.session, this.model, Shard) = (session, model, shard);
        caches = [.. shard.Caches.Select(CacheGeometry.Of)];
        if (model.ContextLength is < 1 or > 1 << 24)
            throw new InvalidDataException($"A context of {model.ContextLength} tokens cannot be held.");
    }

    /// <inheritdoc />
    public ShardManifest Shard { get; }

    /// <inheritdoc />
    public long SessionBytes(int maxTokens) => Capacity(maxTokens) *
        (model.KvLayout == KvLayout.Shared ? SharedCache.BytesPerToken(caches) : GrowingCache.BytesPerToken(caches));

    /// <inheritdoc />
    public IStageSession Open(int maxTokens)
    {
        int capacity = Capacity(maxTokens);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            users++;
        }

        try
        {
            return new OnnxStageSession(session, Shard, model.Vocabulary, maxTokens, capacity, CreateCache, Release);
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed)
                return;
            disposed = true;
        }

        Release();
    }

    private IKeyValueCache CreateCache(OrtIoBinding binding, int capacity) => model.KvLayout == KvLayout.Shared
        ? new SharedCache(binding, caches, capacity)
        : new GrowingCache(binding, caches, capacity);

    private int Capacity(int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxTokens, model.ContextLength);
        return Math.Min((maxTokens + CapacityStep - 1) / CapacityStep * CapacityStep, model.ContextLength);
    }

    private void Release()
    {
        lock (gate)
        {
            if (--users > 0)
                return;
        }

        session.Dispose();
    }
}
