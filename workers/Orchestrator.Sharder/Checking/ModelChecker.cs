using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Shards;

namespace Orchestrator.Sharder.Checking;

/// <summary>
/// Checks a sharded model: that the manifest is sound, that every shard is the file the manifest names and has the tensors it names,
/// and, given the source model, that the chain computes bit for bit what the whole model computes.
/// </summary>
/// <param name="runtime">Runs whole model and shards.</param>
public sealed class ModelChecker(IModelRuntime runtime)
{
    /// <summary>Checks a folder that <see cref="ModelSharder"/> wrote.</summary>
    /// <param name="folder">Holds <see cref="ModelSharder.ManifestFile"/> and the shards.</param>
    /// <param name="sourcePath">The model the shards were cut from; null to check only the files.</param>
    /// <param name="cancel">Stops between steps.</param>
    public async Task<ModelCheckReport> CheckFolderAsync(string folder, string? sourcePath, CancellationToken cancel = default)
    {
        string path = Path.Combine(folder, ModelSharder.ManifestFile);
        if (!File.Exists(path))
            return Failed($"There is no {ModelSharder.ManifestFile} in {folder}; shard the model into it first.");
        if (new FileInfo(path).Length > ManifestValidator.MaxBytes)
            return Failed($"{ModelSharder.ManifestFile} has more than {ManifestValidator.MaxBytes} bytes.");
        if (!ManifestValidator.TryParse(await File.ReadAllBytesAsync(path, cancel), out var manifest, out var errors))
            return new ModelCheckReport(errors, null);
        return await CheckAsync(manifest, stage => Path.Combine(folder, ShardWriter.FileName(stage)), sourcePath, cancel);
    }

    /// <summary>Checks a published model, copying its shards to a temporary folder.</summary>
    public async Task<ModelCheckReport> CheckBlobsAsync(IBlobStore blobs, Digest manifestDigest, string? sourcePath, CancellationToken cancel = default)
    {
        var scratch = Directory.CreateTempSubdirectory("orchestrator-check-");
        try
        {
            string path = Path.Combine(scratch.FullName, ModelSharder.ManifestFile);
            if (!await BlobCopy.TryCopyAsync(blobs, manifestDigest, path, ManifestValidator.MaxBytes, cancel))
                return Failed($"The manifest {manifestDigest.Short} is not in the store, is too large, or its bytes do not have that digest.");
            if (!ManifestValidator.TryParse(await File.ReadAllBytesAsync(path, cancel), out var manifest, out var errors))
                return new ModelCheckReport(errors, null);
            foreach (var stage in manifest.Stages)
                await BlobCopy.TryCopyAsync(blobs, stage.Blob, Path.Combine(scratch.FullName, ShardWriter.FileName(stage.Stage)), stage.Bytes, cancel);
            return await CheckAsync(manifest, stage => Path.Combine(scratch.FullName, ShardWriter.FileName(stage)), sourcePath, cancel);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>Checks a manifest and the shard files it names.</summary>
    public async Task<ModelCheckReport> CheckAsync(ModelManifest manifest, Func<int, string> shardPath, string? sourcePath, CancellationToken cancel = default)
    {
        List<string> problems = [.. ManifestValidator.Validate(manifest)];
        if (problems.Count == 0)
        {
            foreach (var stage in manifest.Stages)
                problems.AddRange(await ShardFileCheck.CheckAsync(stage, manifest.KvLayout, shardPath(stage.Stage), cancel));
        }

        if (problems.Count > 0 || sourcePath is null)
            return new ModelCheckReport(problems, null);
        var scratch = Directory.CreateTempSubdirectory("orchestrator-check-");
        try
        {
            Digest source;
            await using (var file = File.OpenRead(sourcePath))
                source = await Digest.OfAsync(file, cancel);
            if (source != manifest.Source)
                return Failed($"The shards were cut from {manifest.Source.Short}, but {Path.GetFileName(sourcePath)} is {source.Short}; give the original file.");
            var model = OptimizedModel.Prepare(runtime, sourcePath, scratch.FullName);
            return Compare(manifest, shardPath, model, sourcePath, cancel);
        }
        catch (InvalidDataException e)
        {
            return Failed(e.Message);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    internal ModelCheckReport Compare(ModelManifest manifest, Func<int, string> shardPath, OptimizedModel model, string sourcePath, CancellationToken cancel)
    {
        using var chain = new ChainRunner(runtime, manifest, shardPath);
        using var whole = new WholeRunner(runtime, model.Path, model.Signature);
        using var source = new WholeRunner(runtime, sourcePath, model.Signature);
        return ChainCheck.Run(manifest, model.Signature, chain, whole, source, cancel);
    }

    private static ModelCheckReport Failed(string problem) => new([problem], null);
}
