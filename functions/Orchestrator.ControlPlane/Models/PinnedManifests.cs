using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Topology;

namespace Orchestrator.ControlPlane.Models;

/// <summary>
/// The manifest that a job ran, whatever its model is published as now: a model that is published anew while an answer is checked must not make honest evidence unreadable.
/// </summary>
public sealed class PinnedManifests(TopologyCache topology, IBlobStore blobs)
{
    private const int MostKept = 16;

    private readonly ConcurrentDictionary<Digest, ModelManifest> kept = new();

    /// <summary>The manifest with this digest.</summary>
    /// <param name="model">Name of its model.</param>
    /// <param name="manifest">SHA-256 of it.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="FileNotFoundException">The store does not have it.</exception>
    /// <exception cref="InvalidDataException">The store has something else under its name.</exception>
    public async ValueTask<ModelManifest> GetAsync(string model, Digest manifest, CancellationToken cancel)
    {
        if ((await topology.ModelAsync(model, cancel))?.Publication is { } published && published.ManifestDigest == manifest)
            return published.Manifest;
        if (kept.TryGetValue(manifest, out var known))
            return known;
        await using var file = await blobs.OpenAsync(manifest, cancel);
        if (file.Length > ManifestValidator.MaxBytes)
            throw new InvalidDataException($"Blob {manifest.Short} is too large for a manifest.");
        byte[] bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes, cancel);
        if (Digest.Of(bytes) != manifest || !ManifestValidator.TryParse(bytes, out var read, out _))
            throw new InvalidDataException($"Blob {manifest.Short} is not the manifest of that name.");
        if (kept.Count >= MostKept)
            kept.Clear();
        return kept[manifest] = read;
    }
}
