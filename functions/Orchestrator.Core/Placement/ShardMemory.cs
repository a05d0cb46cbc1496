using Orchestrator.Contracts;

namespace Orchestrator.Core.Placement;

/// <summary>Memory a stage needs on a node.</summary>
public static class ShardMemory
{
    /// <summary>The shard's file, which holds its weights, and the key/value cache of one session over the whole context.</summary>
    /// <exception cref="OverflowException">The manifest's sizes do not fit 64 bits.</exception>
    public static long BytesOf(ModelManifest manifest, int stage)
    {
        var shard = manifest.Stages[stage];
        return checked(shard.Bytes + shard.Caches.Sum(c => c.Spec.BytesPerToken) * manifest.ContextLength);
    }
}
