using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Checking;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Sharder.Tests.Graphs;
using Orchestrator.Trainer;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Sharder.Tests.EndToEnd;

public sealed class LlamaShardingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly OnnxModelRuntime runtime = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(AttentionStyle.Standard, 4, 4, 2, 4)]
    [InlineData(AttentionStyle.GroupQuery, 4, 4, 2, 4)]
    [InlineData(AttentionStyle.Standard, 8, 4, 4, 3)]
    [InlineData(AttentionStyle.GroupQuery, 8, 4, 4, 3)]
    [InlineData(AttentionStyle.Standard, 8, 4, 1, 8)]
    [InlineData(AttentionStyle.GroupQuery, 8, 4, 1, 8)]
    [InlineData(AttentionStyle.Standard, 5, 2, 2, 2)]
    [InlineData(AttentionStyle.GroupQuery, 6, 4, 2, 5)]
    [InlineData(AttentionStyle.GroupQuery, 2, 2, 2, 1)]
    public async Task A_chain_of_shards_computes_bit_for_bit_what_the_whole_model_computes(AttentionStyle style, int layers, int heads, int kvHeads, int stages)
    {
        string model = LlamaModels.Write(folder.Path, style, layers, heads, kvHeads);
        var result = await Shard(model, stages);

        CheckSameBits(result, layers);
        result.Manifest.KvLayout.ShouldBe(style == AttentionStyle.GroupQuery ? KvLayout.Shared : KvLayout.Growing);
        result.Manifest.Stages.Count.ShouldBe(stages);
        var report = await new ModelChecker(runtime).CheckFolderAsync(folder.At("out"), model, TestContext.Current.CancellationToken);
        report.Problems.ShouldBeEmpty();
        report.Comparison!.BitIdentical.ShouldBeTrue();
    }

    [Theory]
    [InlineData(AttentionStyle.Standard)]
    [InlineData(AttentionStyle.GroupQuery)]
    public async Task A_head_tied_to_the_embedding_is_held_by_the_first_and_the_last_shard(AttentionStyle style)
    {
        var weights = LlamaWeights.Random(LlamaModels.Config(layers: 4, heads: 4, kvHeads: 2), seed: 11);
        string model = LlamaModels.WriteTied(folder.Path, weights, style);
        var result = await Shard(model, stages: 2);

        CheckSameBits(result, layers: 4);
        int embedding = weights.Config.Vocab * weights.Config.DModel;
        result.Manifest.Stages.ShouldAllBe(stage => stage.ParameterCount > embedding);
    }

    [Theory]
    [InlineData(AttentionStyle.Standard)]
    [InlineData(AttentionStyle.GroupQuery)]
    public async Task Stages_hold_whole_layers_and_only_their_own_weights(AttentionStyle style)
    {
        string path = LlamaModels.Write(folder.Path, style, layers: 4);
        var result = await Shard(path, stages: 4);

        for (int stage = 0; stage < 4; stage++)
        {
            var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ShardPaths[stage])).Graph;
            string[] weights = [.. graph.Initializer.Select(tensor => tensor.Name).Where(name => name.StartsWith("model.layers.", StringComparison.Ordinal))];
            weights.ShouldNotBeEmpty();
            weights.ShouldAllBe(name => name.StartsWith($"model.layers.{stage}.", StringComparison.Ordinal));
            graph.Initializer.Any(tensor => tensor.Name == LlamaNames.Embedding).ShouldBe(stage == 0);
            graph.Initializer.Any(tensor => tensor.Name == LlamaNames.Head).ShouldBe(stage == 3);
        }
    }

    [Fact]
    public async Task A_heavy_head_gets_company_only_when_it_must()
    {
        string path = LlamaModels.Write(folder.Path, AttentionStyle.GroupQuery, layers: 8, vocab: 8192);
        var result = await Shard(path, stages: 2);

        // The head outweighs all layers together, so the last stage holds one layer and the head.
        result.Manifest.Stages[1].Layers.ShouldBe(new LayerRange(7, 8));
    }

    [Fact]
    public async Task The_bundled_model_is_cut_in_four_equal_stages_of_the_same_bits()
    {
        var result = await Shard(LlamaModels.Bundled, stages: 4);

        CheckSameBits(result, TinyChat.Config.Layers, TinyChat.Config.DModel);
        result.Manifest.Stages.Select(stage => stage.Layers).ShouldBe([new(0, 2), new(2, 4), new(4, 6), new(6, 8)]);
        result.Balance.ShouldAllBe(share => share > 0.2 && share < 0.3);
    }

    private static void CheckSameBits(ShardingResult result, int layers, int width = LlamaModels.Width)
    {
        var check = result.Check.ShouldNotBeNull();
        check.Problems.ShouldBeEmpty();
        var comparison = check.Comparison.ShouldNotBeNull();
        comparison.BitIdentical.ShouldBeTrue();
        comparison.Passes.ShouldBe(6);
        comparison.Tensors.ShouldBe(6 * (2 * layers + 1));
        comparison.MaxDifferenceToSource.ShouldBeLessThan(1e-4);
        foreach (var cut in result.Cuts)
        {
            cut.LiveTensors.Count.ShouldBe(1, string.Join(", ", cut.LiveTensors));
            cut.BytesPerToken.ShouldBe(width * sizeof(float));
        }
    }

    private Task<ShardingResult> Shard(string model, int stages) => new ModelSharder(runtime).ShardAsync(
        model, new ShardingOptions { Name = "llama", Stages = stages, OutputFolder = folder.At("out") }, TestContext.Current.CancellationToken);
}
