using Orchestrator.Contracts;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>A folder that <c>model shard</c> wrote: a manifest and its shards.</summary>
public sealed class ShardedModel
{
    private readonly string folder;

    private ShardedModel(string folder, byte[] manifestBytes, ModelManifest manifest)
    {
        this.folder = folder;
        ManifestBytes = manifestBytes;
        Manifest = manifest;
        Digest = Digest.Of(manifestBytes);
    }

    /// <summary>The manifest, as its digest names it.</summary>
    public byte[] ManifestBytes { get; }

    /// <summary>The manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>SHA-256 of the manifest.</summary>
    public Digest Digest { get; }

    /// <summary>File of a shard.</summary>
    public string ShardPath(int stage) => Path.Combine(folder, ModelSharder.ShardFile(stage));

    /// <summary>Reads a folder.</summary>
    /// <exception cref="CliException">It holds no valid manifest, or a shard is missing.</exception>
    public static ShardedModel Load(string folder)
    {
        string path = Path.Combine(folder, ModelSharder.ManifestFile);
        if (!File.Exists(path))
            throw new CliException($"{folder} holds no {ModelSharder.ManifestFile}: make one with 'orchestrator model shard'");
        byte[] bytes = File.ReadAllBytes(path);
        if (!ManifestValidator.TryParse(bytes, out var manifest, out var errors))
            throw new CliException($"{path} is not a valid manifest: {string.Join(' ', errors)}");
        var model = new ShardedModel(folder, bytes, manifest);
        foreach (var shard in manifest.Stages)
        {
            if (!File.Exists(model.ShardPath(shard.Stage)))
                throw new CliException($"{model.ShardPath(shard.Stage)} is missing: shard the model again");
        }

        return model;
    }
}
