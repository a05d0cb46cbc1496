using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Checking;
using Orchestrator.Trainer.Export;

namespace Orchestrator.Sharder.Tests.EndToEnd;

public sealed class LlamaShardingTests
{
    private readonly OnnxModelRuntime runtime = new();

    [Theory]
    [InlineData(AttentionStyle.Standard, 4, 4, 2, 4)]
    [InlineData(AttentionStyle.GroupQuery, 4, 4, 2, 4)]
    [InlineData(AttentionStyle.Standard, 8, 4, 4, 3)]
    [InlineData(AttentionStyle.GroupQuery, 8, 4, 4, 3)]
    [InlineData(AttentionStyle.Standard, 8, 4, 1, 8)]
    [InlineData(AttentionStyle.GroupQuery, 8, 4, 1, 8)]
    [InlineData(AttentionStyle.Standard, 5, 2, 2, 2)]
    [InlineData(AttentionStyle.GroupQuery, 2, 2, 2, 1)]
    public async Task A_chain_of_shards_computes_bit_for_bit_what_the_whole_model_computes(AttentionStyle style, int layers, int heads, int kvHeads, int stages)
    {
        using var folder = new TemporaryFolder();
        string model = LlamaModels.Write(folder.Path, style, layers, heads, kvHeads);
        var result = await new ModelSharder(runtime).ShardAsync(model, Options(folder, stages), TestContext.Current.CancellationToken);

        result.Check!.Problems.ShouldBeEmpty();
        result.Check.Comparison!.BitIdentical.ShouldBeTrue();
        result.Check.Comparison.Passes.ShouldBe(6);
        result.Check.Comparison.Tensors.ShouldBe(6 * (2 * layers + 1));
        result.Check.Comparison.MaxDifferenceToSource.ShouldBeLessThan(1e-4);
        result.Manifest.KvLayout.ShouldBe(style == AttentionStyle.GroupQuery ? KvLayout.Shared : KvLayout.Growing);
        result.Manifest.Stages.Count.ShouldBe(stages);
        foreach (var cut in result.Cuts)
        {
            cut.BytesPerToken.ShouldBe(32 * sizeof(float), $"one residual should cross, not {string.Join(", ", cut.LiveTensors)}");
            cut.FixedBytes.ShouldBeLessThanOrEqualTo(64);
        }

        var report = await new ModelChecker(runtime).CheckFolderAsync(folder.At("out"), model, TestContext.Current.CancellationToken);
        report.Problems.ShouldBeEmpty();
        report.Comparison!.BitIdentical.ShouldBeTrue();
    }

    private static ShardingOptions Options(TemporaryFolder folder, int stages) => new() { Name = "llama", Stages = stages, OutputFolder = folder.At("out") };
}
