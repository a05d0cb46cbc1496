using System.Text.Json;
using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Checking;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Sharder.Tests.Graphs;

namespace Orchestrator.Sharder.Tests.Checking;

public sealed class ModelCheckerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly OnnxModelRuntime runtime = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task An_untouched_folder_passes_with_and_without_the_source()
    {
        var result = await Shard();

        (await Check(result, null)).Passed.ShouldBeTrue();
        var report = await Check(result, folder.At("toy.onnx"));
        report.Passed.ShouldBeTrue();
        report.Comparison!.BitIdentical.ShouldBeTrue();
    }

    [Fact]
    public async Task A_missing_a_cut_and_a_changed_shard_are_all_reported()
    {
        var result = await Shard(stages: 3);
        File.Delete(result.ShardPaths[0]);
        File.WriteAllBytes(result.ShardPaths[1], File.ReadAllBytes(result.ShardPaths[1])[..^1]);
        byte[] changed = File.ReadAllBytes(result.ShardPaths[2]);
        changed[^1] ^= 1;
        File.WriteAllBytes(result.ShardPaths[2], changed);

        var problems = (await Check(result, folder.At("toy.onnx"))).Problems;
        problems.Count.ShouldBe(3);
        problems[0].ShouldEndWith("is missing.");
        problems[1].ShouldContain("bytes; the manifest says");
        problems[2].ShouldContain("digest");
    }

    [Fact]
    public async Task A_weight_changed_by_one_bit_is_found_by_running_even_when_the_manifest_was_changed_to_fit()
    {
        var result = await Shard();
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ShardPaths[1]));
        var shared = model.Graph.Initializer.Single(tensor => tensor.Name == "shared");
        byte[] weights = shared.RawData.ToByteArray();
        weights[1] ^= 1;
        shared.RawData = ByteString.CopyFrom(weights);
        Rewrite(result, stage: 1, model.ToByteArray());

        (await Check(result, null)).Passed.ShouldBeTrue();
        var report = await Check(result, folder.At("toy.onnx"));
        report.Comparison!.BitIdentical.ShouldBeFalse();
        report.Problems.ShouldContain(problem => problem.Contains("'logits' differs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_graph_whose_tensors_the_manifest_does_not_name_is_found_without_running()
    {
        var result = await Shard();
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ShardPaths[1]));
        model.Graph.Output.Add(new ValueInfoProto { Name = "layer.3/mean", Type = model.Graph.Output[0].Type });
        model.Graph.Input.Single(input => input.Name == "past_key_values.3.key").Type.TensorType.ElemType = 10;
        Rewrite(result, stage: 1, model.ToByteArray());

        var problems = (await Check(result, null)).Problems;
        problems.ShouldContain("Stage 1: graph output 'layer.3/mean' is not in the manifest.");
        problems.ShouldContain("Stage 1: graph input 'past_key_values.3.key' has another type or shape than the manifest says.");
    }

    [Fact]
    public async Task Another_source_model_is_refused()
    {
        var result = await Shard();
        string other = new ToyDecoder { LongSkip = true }.Write(folder.Path, "other.onnx");

        (await Check(result, other)).Problems.Single().ShouldContain("give the original file");
    }

    [Fact]
    public async Task A_published_model_is_checked_from_the_store()
    {
        var result = await Shard();
        var store = new FolderBlobStore(folder.At("blobs"));
        var cancel = TestContext.Current.CancellationToken;
        foreach (string path in result.ShardPaths.Append(result.ManifestPath))
        {
            await using var file = File.OpenRead(path);
            await store.PutAsync(file, cancel);
        }

        var checker = new ModelChecker(runtime);
        (await checker.CheckBlobsAsync(store, result.ManifestDigest, folder.At("toy.onnx"), cancel)).Comparison!.BitIdentical.ShouldBeTrue();
        (await checker.CheckBlobsAsync(store, Digest.Of([1]), null, cancel)).Problems.Single().ShouldContain("is not in the store");
    }

    [Fact]
    public async Task A_folder_without_a_manifest_says_what_to_do() =>
        (await new ModelChecker(runtime).CheckFolderAsync(folder.Path, null, TestContext.Current.CancellationToken)).Problems.Single().ShouldContain("shard the model into it first");

    private Task<ModelCheckReport> Check(ShardingResult result, string? source) =>
        new ModelChecker(runtime).CheckFolderAsync(Path.GetDirectoryName(result.ManifestPath)!, source, TestContext.Current.CancellationToken);

    private Task<ShardingResult> Shard(int stages = 2) => new ModelSharder(runtime).ShardAsync(
        new ToyDecoder().Write(folder.Path),
        new ShardingOptions { Name = "toy", Stages = stages, OutputFolder = folder.At("out"), Verify = false },
        TestContext.Current.CancellationToken);

    private static void Rewrite(ShardingResult result, int stage, byte[] shard)
    {
        File.WriteAllBytes(result.ShardPaths[stage], shard);
        ShardManifest[] stages = [.. result.Manifest.Stages];
        stages[stage] = stages[stage] with { Blob = Digest.Of(shard), Bytes = shard.Length };
        var manifest = result.Manifest with { Stages = stages };
        File.WriteAllBytes(result.ManifestPath, JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest));
    }
}
