using Orchestrator.Contracts;
using Orchestrator.Controller.Options;

namespace Orchestrator.Controller.Platform;

/// <summary>Fetches models from the hosts that the configuration allows, and believes nothing but digests.</summary>
public sealed class ModelSources(IReadOnlyDictionary<string, ISourceReader> readers, ControllerOptions options, TimeProvider time)
{
    /// <summary>The bytes of the manifest with this digest.</summary>
    /// <exception cref="PlatformException">They cannot be had, or are others.</exception>
    public async Task<byte[]> ManifestAsync(Uri source, Digest digest, CancellationToken cancel)
    {
        byte[] bytes = await InTimeAsync(
            source,
            async limited =>
            {
                using var file = await OpenAsync(source, null, limited);
                return await BoundedReader.ReadAsync(file.Content, ManifestValidator.MaxBytes, $"manifest at {source}", limited);
            },
            cancel);
        var actual = Digest.Of(bytes);
        return actual == digest
            ? bytes
            : throw new PlatformException(PlatformException.BadSource, $"The manifest at {source} has the digest {actual}, not {digest}: correct spec.source of a new InferenceModel.");
    }

    /// <summary>Opens a shard; its bytes are checked by who stores them.</summary>
    public Task<SourceFile> ShardAsync(Uri source, int stage, CancellationToken cancel) =>
        InTimeAsync(source, limited => OpenAsync(source, ShardFile(stage), limited), cancel);

    /// <summary>The bytes of an open shard. They may take long, but not without any coming.</summary>
    public async Task<Stream> ReadAsync(SourceFile file, Uri source, CancellationToken cancel) =>
        new SourceStream(await file.Content.ReadAsStreamAsync(cancel), source, options.SourceTimeout, time);

    /// <summary>Name of a shard's file beside its manifest, as the sharder writes it.</summary>
    public static string ShardFile(int stage) => $"stage-{stage}.onnx";

    private Task<T> InTimeAsync<T>(Uri source, Func<CancellationToken, Task<T>> transfer, CancellationToken cancel) =>
        SourceRequest.InTimeAsync(source, options.SourceTimeout, time, transfer, cancel);

    private Task<SourceFile> OpenAsync(Uri source, string? file, CancellationToken cancel)
    {
        if (!options.SourceHosts.Contains(source.Host, StringComparer.OrdinalIgnoreCase))
        {
            throw new PlatformException(
                PlatformException.BadSource, $"Models may not be fetched from {source.Host}: add it to Controller:SourceHosts, or upload the model with 'orchestrator model publish'.");
        }

        return readers.TryGetValue(source.Scheme, out var reader)
            ? reader.OpenAsync(source, file, cancel)
            : throw new PlatformException(PlatformException.BadSource, $"{source} must start with {string.Join(" or ", readers.Keys.Select(s => s + "://"))}.");
    }
}
