using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Sharder.Tests.Graphs;

/// <summary>Small generated models with random weights.</summary>
internal static class LlamaModels
{
    public const int Width = 32;

    /// <summary>The model this repository carries.</summary>
    public static string Bundled
    {
        get
        {
            var at = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(at.FullName, "Orchestrator.sln")))
                at = at.Parent ?? throw new DirectoryNotFoundException($"No Orchestrator.sln above {AppContext.BaseDirectory}.");
            return Path.Combine(at.FullName, "infra", "models", "tiny-chat", "model.onnx");
        }
    }

    public static LlamaConfig Config(int layers, int heads, int kvHeads, int vocab = 264) =>
        new(layers, Width, heads, kvHeads, HeadDim: 16, Ffn: 2 * Width, vocab, Context: 64);

    /// <summary>Writes a model into a folder and returns its path.</summary>
    public static string Write(string folder, AttentionStyle style, int layers, int heads = 4, int kvHeads = 2, int vocab = 264)
    {
        string path = Path.Combine(folder, "llama.onnx");
        LlamaOnnxExporter.Write(LlamaWeights.Random(Config(layers, heads, kvHeads, vocab), seed: 7), style, path);
        return path;
    }

    /// <summary>Writes a model whose head is the transposed embedding.</summary>
    public static string WriteTied(string folder, LlamaWeights weights, AttentionStyle style)
    {
        var model = LlamaOnnxExporter.Export(weights, style);
        var graph = model.Graph;
        graph.Initializer.Remove(graph.Initializer.Single(tensor => tensor.Name == LlamaNames.Head));
        graph.Node.Single(node => node.Name == "head").Input[1] = "tied";
        graph.Node.Insert(0, new NodeProto
        {
            OpType = "Transpose",
            Name = "tied",
            Input = { LlamaNames.Embedding },
            Output = { "tied" },
            Attribute = { GraphBuilder.Attribute("perm", 1, 0) },
        });
        string path = Path.Combine(folder, "tied.onnx");
        File.WriteAllBytes(path, model.ToByteArray());
        return path;
    }
}
