using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Checking;
using Orchestrator.Sharder.Classification;
using Orchestrator.Sharder.Cutting;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Probing;
using Orchestrator.Sharder.Shards;

namespace Orchestrator.Sharder;

/// <summary>
/// Cuts an ONNX decoder into shards without knowing its architecture:
/// read and check → optimize offline → classify nodes → probe once → minimum cut between every two layers → choose the balanced cuts → write.
/// </summary>
/// <param name="runtime">Optimizes, probes and verifies.</param>
public sealed class ModelSharder(IModelRuntime runtime)
{
    /// <summary>Name of the manifest in the output folder.</summary>
    public const string ManifestFile = "manifest.json";

    /// <summary>Name of a stage's shard in the output folder.</summary>
    public static string ShardFile(int stage) => ShardWriter.FileName(stage);

    /// <summary>
    /// Writes <see cref="ShardingOptions.Stages"/> shards and then a manifest, which is there only when all went well. The same file
    /// and options always give the same bytes.
    /// </summary>
    /// <param name="modelPath">The ONNX file; weights may lie in files beside it, up to 2 GB in all.</param>
    /// <param name="options">How to cut.</param>
    /// <param name="cancel">Stops between steps.</param>
    /// <exception cref="InvalidDataException">The model cannot be cut as asked; the message lists why and what would help.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public async Task<ShardingResult> ShardAsync(string modelPath, ShardingOptions options, CancellationToken cancel = default)
    {
        if (options.Stages is < 1 or > ManifestValidator.MaxStages)
            throw new InvalidDataException($"{options.Stages} stages were asked for; it must be 1..{ManifestValidator.MaxStages}.");
        var scratch = Directory.CreateTempSubdirectory("orchestrator-sharder-");
        try
        {
            var model = await Task.Run(() => OptimizedModel.Prepare(runtime, modelPath, scratch.FullName), cancel);
            cancel.ThrowIfCancellationRequested();
            int context = ModelMetadata.ContextLength(model.Source, options.ContextLength, ProbeRunner.ShortestContext);
            var tokenizer = ModelMetadata.Tokenizer(model.Source, options.Tokenizer);
            var classes = NodeClassifier.Classify(model.Graph, model.Signature);
            var specs = await Task.Run(() => ProbeRunner.Run(runtime, model.Proto, model.Graph, model.Signature, classes, context, scratch.FullName), cancel);
            cancel.ThrowIfCancellationRequested();
            int vocabulary = Vocabulary(model, specs);
            var (cuts, balance) = await Task.Run(() => ChooseCuts(model, classes, specs, context, options.Stages, cancel), cancel);

            Directory.CreateDirectory(options.OutputFolder);
            var shards = new List<ShardManifest>();
            foreach (var plan in StagePlan.All(model.Graph, model.Signature, classes, cuts))
                shards.Add(await ShardWriter.WriteAsync(model.Proto, model.Graph, plan, specs, options.OutputFolder, cancel));

            Digest source;
            await using (var file = File.OpenRead(modelPath))
                source = await Digest.OfAsync(file, cancel);
            var manifest = new ModelManifest(
                ModelManifest.CurrentSchema, options.Name, source, model.Signature.Layers, context,
                Math.Min(ShardWriter.Parameters(model.Proto.Graph.Initializer), shards.Sum(shard => shard.ParameterCount)),
                vocabulary, tokenizer, CacheLayout.Of(model.Graph, model.Signature), shards);
            ModelChecks.Throw(ManifestValidator.Validate(manifest));
            byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest);
            string manifestPath = Path.Combine(options.OutputFolder, ManifestFile);
            File.Delete(manifestPath);
            var check = options.Verify ? await Task.Run(() => Verified(manifest, options.OutputFolder, model, modelPath, cancel), cancel) : null;
            foreach (string stale in ShardWriter.Beyond(options.OutputFolder, shards.Count))
                File.Delete(stale);
            await File.WriteAllBytesAsync(manifestPath, bytes, cancel);
            return new ShardingResult(
                manifest, bytes, Digest.Of(bytes), manifestPath,
                [.. shards.Select(shard => Path.Combine(options.OutputFolder, ShardWriter.FileName(shard.Stage)))],
                [.. cuts.Zip(shards).Select(pair => Report(pair.First, pair.Second))],
                balance, model.DroppedOutputs, check);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static int Vocabulary(OptimizedModel model, TensorSpec?[] specs)
    {
        string name = model.Signature.Logits;
        var spec = specs[model.Graph[name].Index]
            ?? throw new InvalidDataException($"Output '{name}' does not depend on the token ids; this is not a language model.");
        if (spec.Shape is [TensorSizes.Batch, TensorSizes.Sequence, > 0 and <= ManifestValidator.MaxVocabulary and var vocabulary])
            return (int)vocabulary;
        throw new InvalidDataException(
            $"Output '{name}' has the axes [{string.Join(", ", spec.Shape)}]; it must be [batch, sequence, vocabulary]. Export the model with logits for every position.");
    }

    private static (IReadOnlyList<LayerCut> Cuts, IReadOnlyList<double> Balance) ChooseCuts(
        OptimizedModel model, Classes classes, TensorSpec?[] specs, int context, int stages, CancellationToken cancel)
    {
        var possible = LayerCuts.Find(model.Graph, model.Signature, classes, specs, context, cancel);
        if (stages > possible.Count + 1)
        {
            throw new InvalidDataException(
                $"{stages} stages were asked for, but the model has {model.Signature.Layers} layers and can be cut into {possible.Count + 1} at most.");
        }

        var weights = NodeWeights.Of(model.Graph, classes, specs);
        Weight Before(bool[]? before) => weights.Where((_, node) => before?[node] ?? true).Aggregate(default(Weight), (sum, weight) => sum + weight);
        var whole = Before(null);
        CutOption[] options = [.. possible.Select(cut => new CutOption(Before(cut.Before), cut.Width))];
        int[] chosen = BalancedCuts.Choose(options, whole, stages);
        long[] ends = [0, .. chosen.Select(cut => options[cut].Before.Compute), whole.Compute];
        return ([.. chosen.Select(cut => possible[cut])],
            [.. ends.Skip(1).Zip(ends, (end, start) => (double)(end - start) / Math.Max(1, whole.Compute))]);
    }

    private ModelCheckReport Verified(ModelManifest manifest, string folder, OptimizedModel model, string modelPath, CancellationToken cancel)
    {
        var report = new ModelChecker(runtime).Compare(manifest, stage => Path.Combine(folder, ShardWriter.FileName(stage)), model, modelPath, cancel);
        if (report.Problems.Count > 0)
            throw new InvalidDataException($"The chain does not compute what the whole model computes; use fewer stages.\n{string.Join('\n', report.Problems)}");
        return report;
    }

    private static CutReport Report(LayerCut cut, ShardManifest before) => new(
        cut.Layer,
        [.. before.Sends.Select(send => send.Name)],
        before.BytesPerToken,
        before.Sends.Where(send => send.Spec.BytesPerToken == 0)
            .Sum(send => TensorSizes.Bytes(send.Spec.ElementType, send.Spec.Shape, batch: 1, sequence: 1, total: 1)));
}
