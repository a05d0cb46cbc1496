using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Sharder.Tests.EndToEnd;

/// <summary>Small generated models, written once per shape.</summary>
internal static class LlamaModels
{
    /// <summary>Writes a model into a folder and returns its path.</summary>
    public static string Write(string folder, AttentionStyle style, int layers, int heads = 4, int kvHeads = 2, int context = 64, int vocab = 264, int width = 32)
    {
        var config = new LlamaConfig(layers, width, heads, kvHeads, HeadDim: 16, Ffn: 2 * width, vocab, context);
        string path = Path.Combine(folder, $"{style}-{layers}-{heads}-{kvHeads}.onnx");
        LlamaOnnxExporter.Write(LlamaWeights.Random(config, seed: 7), style, path);
        return path;
    }
}
