using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Execution;
using Orchestrator.Onnx.Generation;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;

namespace Orchestrator.Cli;

/// <summary>
/// The original ONNX file in one process, never cut: what a network's answers must equal. The runtime optimizes it as the
/// sharder does, since other fusions change the last bits.
/// </summary>
public sealed class UncutModel : IDisposable
{
    private readonly IStageEngine engine;
    private readonly ModelManifest manifest;
    private readonly ITokenizer tokenizer;

    private UncutModel(IStageEngine engine, ModelManifest manifest)
    {
        this.engine = engine;
        this.manifest = manifest;
        tokenizer = TokenizerFactory.Create(manifest.Tokenizer);
    }

    /// <summary>Loads a model; a one-stage sharding in a scratch folder tells the names and shapes of its inputs.</summary>
    public static async Task<UncutModel> LoadAsync(string path, CancellationToken cancel)
    {
        var scratch = Directory.CreateTempSubdirectory("orchestrator-uncut-");
        try
        {
            var options = new ShardingOptions { Name = BundledModel.Name, Stages = 1, OutputFolder = scratch.FullName, Verify = false };
            var result = await new ModelSharder(new OnnxModelRuntime()).ShardAsync(path, options, cancel);
            var loader = new OnnxStageLoader(new OnnxOptions(ProviderPreference.Cpu, Optimization: OnlineOptimization.Extended));
            return new UncutModel(await loader.LoadAsync(path, result.Manifest, 0, cancel), result.Manifest);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    /// <summary>The most likely answer.</summary>
    /// <param name="question">One user turn.</param>
    /// <param name="maxTokens">Most tokens to draw.</param>
    public (string Text, int[] Tokens) Answer(string question, int maxTokens)
    {
        int[] prompt = tokenizer.Encode(new Prompt(null, [new ChatMessage("user", question)]));
        int[] tokens =
        [
            .. new LocalGenerator([engine], manifest.Vocabulary)
                .Generate(prompt, new SamplingParameters(Temperature: 0), maxTokens, tokenizer.EndToken)
                .Select(draw => draw.Token),
        ];
        var bytes = tokens.SelectMany(token => tokenizer.Bytes(token).ToArray());
        return (Encoding.UTF8.GetString([.. bytes]), tokens);
    }

    /// <inheritdoc />
    public void Dispose() => engine.Dispose();
}
