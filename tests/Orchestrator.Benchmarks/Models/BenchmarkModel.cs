using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Benchmarks.Models;

/// <summary>An original ONNX file and its shards on disk.</summary>
internal sealed class BenchmarkModel : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-benchmark-");

    private BenchmarkModel()
    {
    }

    /// <summary>The original file.</summary>
    internal string OriginalPath { get; private set; } = "";

    /// <summary>Where manifest and shards lie.</summary>
    internal string Folder => Path.Combine(folder.FullName, "shards");

    /// <summary>Manifest and shards.</summary>
    internal ShardingResult Shards { get; private set; } = null!;

    internal ModelManifest Manifest => Shards.Manifest;

    /// <summary>Names that <see cref="CreateAsync"/> knows.</summary>
    internal static string[] Names => ["bundled", "d256", "d512"];

    /// <summary>Finds or generates a model and cuts it.</summary>
    /// <exception cref="FileNotFoundException">The bundled model is not where the repository has it; run from inside the repository.</exception>
    internal static async Task<BenchmarkModel> CreateAsync(string name, int stages, CancellationToken cancel)
    {
        var model = new BenchmarkModel();
        try
        {
            model.OriginalPath = name == "bundled" ? Bundled() : model.Generate(name);
            model.Shards = await new ModelSharder(new OnnxModelRuntime()).ShardAsync(
                model.OriginalPath, new() { Name = name, Stages = stages, OutputFolder = model.Folder, Verify = false }, cancel);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The original, uncut, optimized by the runtime as it is loaded.</summary>
    internal async Task<IReadOnlyList<IStageEngine>> LoadWholeAsync(CancellationToken cancel) =>
        [await new OnnxStageLoader(new(ProviderPreference.Cpu, Optimization: OnlineOptimization.Extended)).LoadAsync(OriginalPath, Manifest.Unsharded(), 0, cancel)];

    /// <summary>All shards, one thread each.</summary>
    internal async Task<IReadOnlyList<IStageEngine>> LoadShardsAsync(CancellationToken cancel)
    {
        var loader = new OnnxStageLoader(new(ProviderPreference.Cpu));
        List<IStageEngine> stages = [];
        for (int stage = 0; stage < Shards.ShardPaths.Count; stage++)
            stages.Add(await loader.LoadAsync(Shards.ShardPaths[stage], Manifest, stage, cancel));
        return stages;
    }

    /// <inheritdoc />
    public void Dispose() => folder.Delete(recursive: true);

    private static string Bundled()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "infra", "models", "tiny-chat", "model.onnx");
            if (File.Exists(path))
                return path;
        }

        throw new FileNotFoundException("infra/models/tiny-chat/model.onnx is not above the program; run it from inside the repository.");
    }

    /// <summary>Random parameters: 56 million of them are enough that arithmetic outweighs call overheads, 8 million that many runs end today.</summary>
    private string Generate(string name)
    {
        var config = name == "d256"
            ? new LlamaConfig(Layers: 8, DModel: 256, Heads: 4, KvHeads: 2, HeadDim: 64, Ffn: 704, Vocab: 4096, Context: 512)
            : new LlamaConfig(Layers: 8, DModel: 512, Heads: 8, KvHeads: 4, HeadDim: 64, Ffn: 1408, Vocab: 32_000, Context: 2048);
        string path = Path.Combine(folder.FullName, "model.onnx");
        using var file = File.Create(path);
        LlamaOnnxExporter.Export(LlamaWeights.Random(config, 1), AttentionStyle.GroupQuery).WriteTo(file);
        return path;
    }
}
