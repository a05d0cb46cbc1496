using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Generation;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

/// <summary>The real model, cut in four, over four nodes: equal to the same shards called one after another without a network.</summary>
public sealed class BundledModelTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bundled-model-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Four_nodes_draw_the_tokens_that_one_process_draws()
    {
        var cancel = TestContext.Current.CancellationToken;
        string whole = Path.Combine(AppContext.BaseDirectory, "tiny-chat.onnx");
        var sharded = await new ModelSharder(new OnnxModelRuntime()).ShardAsync(whole, new ShardingOptions { Name = "tiny-chat", Stages = 4, OutputFolder = folder, Verify = false }, cancel);
        byte[][] shards = [.. sharded.ShardPaths.Select(File.ReadAllBytes)];
        await using var network = await TestNetwork.StartAsync(sharded.Manifest, sharded.ManifestBytes.ToArray(), shards);

        foreach (var sampling in new[] { new SamplingParameters(Temperature: 0, TopLogProbs: 2), new SamplingParameters(Temperature: 1, TopP: 0.9, Seed: 7, FrequencyPenalty: 0.5) })
        {
            var assignments = network.Assignments("What is the capital of France?", completion: 40, change: a => a with { Sampling = sampling, Choices = 2 });
            var result = await network.AskAsync(assignments);
            result.Failure.ShouldBeNull();
            for (int choice = 0; choice < 2; choice++)
                result.Choices[choice].Tokens.ShouldBe(await ReferenceAsync(sharded, assignments[0], sampling, choice));
            var receipts = ChainTests.Receipts(result);
            for (int i = 1; i < receipts.Count; i++)
                receipts[i].Choices.Select(c => c.Input).ShouldBe(receipts[i - 1].Choices.Select(c => c.Output));
            TestContext.Current.TestOutputHelper!.WriteLine($"{result.Choices[0].Text} | {result.Timing}");
        }
    }

    private static async Task<int[]> ReferenceAsync(ShardingResult sharded, Assignment assignment, SamplingParameters sampling, int choice)
    {
        var loader = new OnnxStageLoader();
        var engines = new List<IStageEngine>();
        for (int i = 0; i < sharded.ShardPaths.Count; i++)
            engines.Add(await loader.LoadAsync(sharded.ShardPaths[i], sharded.Manifest, i, CancellationToken.None));
        var tokenizer = TokenizerFactory.Create(sharded.Manifest.Tokenizer);
        int[] tokens = [.. new LocalGenerator(engines, sharded.Manifest.Vocabulary)
            .Generate(tokenizer.Encode(assignment.Edge!.Prompt), sampling, assignment.Edge.MaxCompletionTokens, tokenizer.EndToken, choice)
            .Select(d => d.Token)];
        engines.ForEach(e => e.Dispose());
        return tokens;
    }
}
