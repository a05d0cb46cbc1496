using Orchestrator.Contracts;

namespace Orchestrator.Worker.Shards;

/// <summary>Manifests and shard files by digest.</summary>
public sealed class ModelFiles(BlobCache cache)
{
    /// <summary>A manifest that has a stage.</summary>
    /// <exception cref="InvalidDataException">The blob is not such a manifest.</exception>
    /// <exception cref="FileNotFoundException">The store does not have it.</exception>
    public async Task<ModelManifest> ManifestAsync(Digest manifest, int stage, CancellationToken cancel)
    {
        string path = await cache.GetAsync(manifest, ManifestValidator.MaxBytes, cancel);
        if (!ManifestValidator.TryParse(await File.ReadAllBytesAsync(path, cancel), out var model, out var errors))
            throw new InvalidDataException($"Manifest {manifest.Short} is not valid: {string.Join("; ", errors.Take(5))}");
        return (uint)stage < (uint)model.Stages.Count ? model : throw new InvalidDataException($"Manifest {manifest.Short} has no stage {stage}.");
    }

    /// <summary>A stage's shard, held until the lease is disposed.</summary>
    /// <exception cref="InvalidDataException">The store has other bytes under its name.</exception>
    /// <exception cref="FileNotFoundException">The store does not have it.</exception>
    public Task<BlobLease> ShardAsync(ModelManifest model, int stage, CancellationToken cancel) => cache.HoldAsync(model.Stages[stage].Blob, model.Stages[stage].Bytes, cancel);
}
