using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.TestKit;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Disputes.Tests.Kit;

/// <summary>Small models cut into shards, each made once.</summary>
public sealed class Models : IAsyncLifetime
{
    private readonly TempFolder folder = new();
    private readonly Dictionary<string, ShardedModel> made = [];
    private readonly SemaphoreSlim one = new(1);

    public static OnnxModelRuntime Runtime { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>The named model: <c>standard</c> (growing caches), <c>grouped</c> (GroupQueryAttention, shared caches) or <c>tiny-chat</c>.</summary>
    public async Task<ShardedModel> GetAsync(string name)
    {
        var cancel = TestContext.Current.CancellationToken;
        await one.WaitAsync(cancel);
        try
        {
            if (!made.TryGetValue(name, out var model))
            {
                string output = Path.Combine(folder.Path, name);
                var shards = await new ModelSharder(Runtime).ShardAsync(Source(name), new ShardingOptions { Name = name, Stages = 2, OutputFolder = output, Verify = false }, cancel);
                made[name] = model = await ShardedModel.LoadAsync(shards, cancel);
            }

            return model;
        }
        finally
        {
            one.Release();
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var model in made.Values)
            model.Dispose();
        folder.Dispose();
        one.Dispose();
        return ValueTask.CompletedTask;
    }

    private string Source(string name)
    {
        if (name == "tiny-chat")
            return Bundled();
        string path = Path.Combine(folder.Path, name + ".onnx");
        var config = new LlamaConfig(Layers: 4, DModel: 32, Heads: 4, KvHeads: 2, HeadDim: 16, Ffn: 64, Context: 256);
        LlamaOnnxExporter.Write(LlamaWeights.Random(config, seed: 7), name == "grouped" ? AttentionStyle.GroupQuery : AttentionStyle.Standard, path);
        return path;
    }

    private static string Bundled()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Orchestrator.sln")))
            at = at.Parent ?? throw new DirectoryNotFoundException($"No Orchestrator.sln above {AppContext.BaseDirectory}.");
        return Path.Combine(at.FullName, "infra", "models", "tiny-chat", "model.onnx");
    }
}
