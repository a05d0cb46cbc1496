using Orchestrator.Contracts;

namespace Orchestrator.Controller.Platform;

/// <summary>Makes sure that the platform has a model published: from its own blobs, else from where the model says it is.</summary>
public sealed class ModelPublisher(PlatformClient platform, ModelSources sources)
{
    private const string BlobMissing = "blob_missing";

    /// <summary>The manifest, from the platform's blobs or from the source.</summary>
    public async Task<byte[]> ManifestAsync(Digest digest, Uri? source, CancellationToken cancel)
    {
        if (await platform.ReadBlobAsync(digest, ManifestValidator.MaxBytes, cancel) is { } kept)
        {
            return Digest.Of(kept) == digest
                ? kept
                : throw new PlatformException(PlatformException.Refused, $"The platform's blob {digest} holds other bytes.");
        }

        return source is not null
            ? await sources.ManifestAsync(source, digest, cancel)
            : throw new PlatformException(PlatformException.BadSource, $"The platform has no blob {digest}: upload the model with 'orchestrator model publish', or give spec.source.url in a new InferenceModel.");
    }

    /// <summary>Publishes a manifest, after bringing in the shards that the platform lacks.</summary>
    public async Task<PlatformModel> PublishAsync(byte[] bytes, ModelManifest manifest, Uri? source, CancellationToken cancel)
    {
        try
        {
            return await platform.PublishAsync(bytes, cancel);
        }
        catch (PlatformException e) when (e.Code == BlobMissing && source is not null)
        {
            foreach (var shard in manifest.Stages)
                await BringAsync(source, shard, cancel);
        }

        return await platform.PublishAsync(bytes, cancel);
    }

    private async Task BringAsync(Uri source, ShardManifest shard, CancellationToken cancel)
    {
        if (await platform.HasBlobAsync(shard.Blob, cancel))
            return;
        using var file = await sources.ShardAsync(source, shard.Stage, cancel);
        if (file.Content.Headers.ContentLength is { } length && length != shard.Bytes)
            throw new PlatformException(PlatformException.BadSource, $"Shard {shard.Stage} of {source} has {length} bytes instead of {shard.Bytes}.");
        await using var content = await sources.ReadAsync(file, source, cancel);
        await platform.PutBlobAsync(shard.Blob, content, shard.Bytes, cancel);
    }
}
