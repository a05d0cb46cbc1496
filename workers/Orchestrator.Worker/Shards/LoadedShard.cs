using Orchestrator.Contracts;

namespace Orchestrator.Worker.Shards;

/// <summary>A shard that takes sessions. It is unloaded when it is no longer wanted and its last session has ended.</summary>
public sealed class LoadedShard(Digest manifestDigest, ModelManifest model, int stage, IStageEngine engine, ExecutionClass executionClass, Action unloaded)
{
    private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int users = 1;

    /// <summary>SHA-256 of the manifest.</summary>
    public Digest ManifestDigest => manifestDigest;

    /// <summary>The model.</summary>
    public ModelManifest Model => model;

    /// <summary>Its stage.</summary>
    public int Stage => stage;

    /// <summary>This shard's part of the manifest.</summary>
    public ShardManifest Shard => model.Stages[stage];

    /// <summary>The runtime.</summary>
    public IStageEngine Engine => engine;

    /// <summary>Numerical class of its results.</summary>
    public ExecutionClass Class => executionClass;

    /// <summary>Runs its passes.</summary>
    public StageExecutor Executor { get; } = new();

    /// <summary>Completes when the engine is gone.</summary>
    public Task Unloaded => gone.Task;

    /// <summary>Whether some stage from <paramref name="from"/> on reads token ids.</summary>
    public bool NeedsTokens(int from) => model.Stages.Skip(from).Any(s => s.ModelInputs.Any(i => i.Role == InputRole.TokenIds));

    /// <summary>Holds the engine for a session; false when it is being unloaded.</summary>
    public bool TryHold()
    {
        for (int seen = Volatile.Read(ref users); seen > 0; seen = Volatile.Read(ref users))
        {
            if (Interlocked.CompareExchange(ref users, seen + 1, seen) == seen)
                return true;
        }

        return false;
    }

    /// <summary>Ends one hold (or the keeper's own); the last one unloads.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref users) == 0)
            _ = UnloadAsync();
    }

    private async Task UnloadAsync()
    {
        // Release is called from the executor itself: let that turn end first.
        await Task.Yield();
        await Executor.DisposeAsync();
        engine.Dispose();
        unloaded();
        gone.TrySetResult();
    }
}
