using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Orchestrator.Trainer.Export;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Tests;

/// <summary>Runs an exported model in ONNX Runtime, batch 1, feeding the cache back from step to step.</summary>
internal sealed class OrtModel : IDisposable
{
    private readonly InferenceSession session;
    private readonly int layers;
    private DenseTensor<float>[] cache = [];

    public OrtModel(byte[] onnx)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        session = new InferenceSession(onnx, options);
        layers = session.OutputMetadata.Count / 2;
        Reset();
    }

    public OrtModel(LlamaWeights weights, AttentionStyle style)
        : this(LlamaOnnxExporter.Export(weights, style).ToByteArray())
    {
    }

    public IReadOnlyDictionary<string, string> Metadata => session.ModelMetadata.CustomMetadataMap;

    /// <summary>Tokens in the cache.</summary>
    public int Past => cache[0].Dimensions[2];

    /// <summary>Forgets every token.</summary>
    public void Reset() => cache = [.. Names("past_key_values").Select(name =>
    {
        var shape = session.InputMetadata[name].Dimensions;
        return new DenseTensor<float>([1, shape[1], 0, shape[3]]);
    })];

    /// <summary>Appends tokens and returns their logits, [token, vocab] flat.</summary>
    public float[] Run(params int[] tokens)
    {
        var past = Past;
        var inputs = new List<NamedOnnxValue>
        {
            NamedOnnxValue.CreateFromTensor("input_ids", Row(tokens.Select(token => (long)token))),
            NamedOnnxValue.CreateFromTensor("attention_mask", Row(Enumerable.Repeat(1L, past + tokens.Length))),
        };
        if (session.InputMetadata.ContainsKey("position_ids"))
            inputs.Add(NamedOnnxValue.CreateFromTensor("position_ids", Row(Enumerable.Range(past, tokens.Length).Select(i => (long)i))));
        inputs.AddRange(Names("past_key_values").Zip(cache, NamedOnnxValue.CreateFromTensor));
        using var outputs = session.Run(inputs);
        cache = [.. Names("present").Select(name => outputs.Single(output => output.Name == name).AsTensor<float>().ToDenseTensor())];
        return [.. outputs.Single(output => output.Name == "logits").AsTensor<float>()];
    }

    public void Dispose() => session.Dispose();

    private IEnumerable<string> Names(string kind) =>
        Enumerable.Range(0, layers).SelectMany(layer => (string[])[$"{kind}.{layer}.key", $"{kind}.{layer}.value"]);

    private static DenseTensor<long> Row(IEnumerable<long> values)
    {
        var array = values.ToArray();
        return new DenseTensor<long>(array, [1, array.Length]);
    }
}
