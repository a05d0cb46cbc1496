using System.CommandLine;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Commands;

/// <summary><c>generate</c>: an ONNX model of any size with random weights, for benchmarks and tests.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var layers = new Option<int>("--layers") { DefaultValueFactory = _ => 8, Description = "Decoder layers." };
        var width = new Option<int>("--d-model") { DefaultValueFactory = _ => 512, Description = "Width of the residual stream." };
        var heads = new Option<int>("--heads") { DefaultValueFactory = _ => 8, Description = "Query heads." };
        var kvHeads = new Option<int>("--kv-heads") { DefaultValueFactory = _ => 4, Description = "Key and value heads." };
        var headDim = new Option<int?>("--head-dim") { Description = "Width of a head; d-model / heads unless given." };
        var ffn = new Option<int>("--ffn") { DefaultValueFactory = _ => 1408, Description = "Inner width of the SwiGLU block." };
        var vocab = new Option<int>("--vocab") { DefaultValueFactory = _ => 32_000, Description = "Number of tokens." };
        var context = new Option<int>("--context") { DefaultValueFactory = _ => 2048, Description = "Longest sequence in tokens." };
        var attention = AttentionOption.Create();
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1, Description = "Seed of the weights." };
        var output = new Option<FileInfo>("--out") { Required = true, Description = "The ONNX file to write." };

        var command = new Command("generate", "Write a model with random weights.")
        {
            layers, width, heads, kvHeads, headDim, ffn, vocab, context, attention, seed, output,
        };
        command.SetAction(parsed =>
        {
            var config = new LlamaConfig(parsed.GetValue(layers), parsed.GetValue(width), parsed.GetValue(heads), parsed.GetValue(kvHeads),
                parsed.GetValue(headDim) ?? parsed.GetValue(width) / Math.Max(1, parsed.GetValue(heads)), parsed.GetValue(ffn), parsed.GetValue(vocab), parsed.GetValue(context));
            var weights = LlamaWeights.Random(config, parsed.GetValue(seed));
            var file = parsed.GetRequiredValue(output);
            LlamaOnnxExporter.Write(weights, AttentionOption.Parse(parsed.GetValue(attention)), file.FullName);
            Console.WriteLine($"{file.FullName}: {weights.Values.Length:N0} parameters");
        });
        return command;
    }
}
