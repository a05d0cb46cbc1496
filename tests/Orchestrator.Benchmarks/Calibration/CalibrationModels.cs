using Orchestrator.Benchmarks.Models;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Sharder;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>The reference and every variation of a model, loaded.</summary>
internal sealed class CalibrationModels : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-calibration-");
    private readonly List<IStageEngine> loaded = [];

    private CalibrationModels(ModelManifest manifest) => Manifest = manifest;

    internal ModelManifest Manifest { get; }

    /// <summary>Class of the reference.</summary>
    internal ExecutionClass Class { get; private set; } = null!;

    /// <summary>Shards as nodes run them: optimized before the cut, one thread.</summary>
    internal IReadOnlyList<IStageEngine> Reference { get; private set; } = [];

    internal List<Variation> Variations { get; } = [];

    internal static async Task<CalibrationModels> LoadAsync(BenchmarkModel model, CancellationToken cancel)
    {
        var models = new CalibrationModels(model.Manifest);
        try
        {
            await models.LoadVariationsAsync(model, cancel);
            return models;
        }
        catch
        {
            models.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        loaded.ForEach(engine => engine.Dispose());
        folder.Delete(recursive: true);
    }

    private async Task LoadVariationsAsync(BenchmarkModel model, CancellationToken cancel)
    {
        var paths = model.Shards.ShardPaths;
        Reference = await LoadAsync(Manifest, paths, 1, cancel);
        var (two, four) = (await LoadAsync(Manifest, paths, 2, cancel), await LoadAsync(Manifest, paths, 4, cancel));
        var plain = await new ModelSharder(new PlainRuntime()).ShardAsync(
            model.OriginalPath, new() { Name = "plain", Stages = Manifest.Stages.Count, OutputFolder = Path.Combine(folder.FullName, "plain"), Verify = false }, cancel);
        var unoptimized = await LoadAsync(plain.Manifest, plain.ShardPaths, 1, cancel);

        Variations.Add(new("again", true, Reference, 0));
        Variations.Add(new("2 threads", true, two, 0));
        foreach (int size in new[] { 128, 96, 64, 33, 17, 8 })
            Variations.Add(new($"passes of {size} tokens", true, Reference, size));
        Variations.Add(new("passes of 128 tokens, 4 threads", true, four, 128));
        Variations.Add(new("no graph optimization", true, unoptimized, 0));
        Variations.Add(new("no graph optimization, passes of 128 tokens", true, unoptimized, 128));
        foreach (var (name, round) in RoundedWeights.Formats)
        {
            string target = Directory.CreateDirectory(Path.Combine(folder.FullName, $"{Variations.Count}")).FullName;
            string[] rounded = [.. paths.Select(path => Path.Combine(target, Path.GetFileName(path)))];
            for (int i = 0; i < rounded.Length; i++)
                RoundedWeights.Write(paths[i], rounded[i], round);
            Variations.Add(new(name, false, await LoadAsync(Manifest, rounded, 1, cancel), 0));
        }
    }

    private async Task<IReadOnlyList<IStageEngine>> LoadAsync(ModelManifest manifest, IReadOnlyList<string> paths, int threads, CancellationToken cancel)
    {
        var loader = new OnnxStageLoader(new(ProviderPreference.Cpu, threads));
        Class ??= loader.Class;
        List<IStageEngine> stages = [];
        for (int stage = 0; stage < paths.Count; stage++)
        {
            stages.Add(await loader.LoadAsync(paths[stage], manifest, stage, cancel));
            loaded.Add(stages[^1]);
        }

        return stages;
    }
}
