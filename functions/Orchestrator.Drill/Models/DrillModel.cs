using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;

namespace Orchestrator.Drill.Models;

/// <summary>A model cut for a drill: its shards as files, and those that cheats run instead.</summary>
public sealed class DrillModel
{
    private readonly string folder;
    private readonly Lock gate = new();

    private DrillModel(string folder, ShardingResult sharded)
    {
        this.folder = folder;
        (Manifest, Digest) = (sharded.Manifest, sharded.ManifestDigest);
        Tokenizer = TokenizerFactory.Create(Manifest.Tokenizer);
    }

    /// <summary>Its manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>SHA-256 of the manifest.</summary>
    public Digest Digest { get; }

    /// <summary>Its tokenizer.</summary>
    public ITokenizer Tokenizer { get; }

    /// <summary>Stages.</summary>
    public int Stages => Manifest.Stages.Count;

    /// <summary>Loads shards on the CPU, one thread each: many chains run side by side.</summary>
    public OnnxStageLoader Loader { get; } = new(new OnnxOptions(ProviderPreference.Cpu));

    /// <summary>Cuts a model into a folder.</summary>
    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="stages">Stages to cut it into.</param>
    /// <param name="folder">Where shards go; the caller deletes it.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="InvalidDataException">The model cannot be cut so.</exception>
    public static async Task<DrillModel> CutAsync(string modelPath, int stages, string folder, CancellationToken cancel) =>
        new(folder, await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
            modelPath, new ShardingOptions { Name = "drill", Stages = stages, OutputFolder = folder, Verify = false }, cancel));

    /// <summary>File of a shard with weights as published, or as a cheat rounds them.</summary>
    public string ShardPath(int stage, WeightFormat format = WeightFormat.Published)
    {
        string published = Path.Combine(folder, ModelSharder.ShardFile(stage));
        if (format == WeightFormat.Published)
            return published;
        string path = Path.Combine(folder, $"{format}-{stage}.onnx");
        lock (gate)
        {
            if (!File.Exists(path))
                WeightRounding.Rewrite(published, path, format);
        }

        return path;
    }
}
