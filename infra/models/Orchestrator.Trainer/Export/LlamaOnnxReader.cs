using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Export;

/// <summary>Takes the weights back out of a file that <see cref="LlamaOnnxExporter"/> wrote, in either attention style.</summary>
public static class LlamaOnnxReader
{
    /// <exception cref="InvalidDataException">The file is not such a model.</exception>
    public static LlamaWeights Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return Read(ModelProto.Parser.ParseFrom(file));
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new InvalidDataException($"{path} is not an ONNX file: {error.Message}", error);
        }
    }

    public static LlamaWeights Read(ModelProto model)
    {
        var tensors = model.Graph?.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal) ?? [];
        var weights = new LlamaWeights(Config(model, tensors));
        foreach (var slot in weights.Slots)
        {
            var bytes = Find(tensors, slot.Name).RawData.Span;
            if (bytes.Length != slot.Length * sizeof(float))
                throw new InvalidDataException($"{slot.Name} has {bytes.Length} bytes instead of {slot.Length * sizeof(float)}.");
            MemoryMarshal.Cast<byte, float>(bytes).CopyTo(weights.Of(slot.Name));
        }
        return weights;
    }

    private static LlamaConfig Config(ModelProto model, Dictionary<string, TensorProto> tensors)
    {
        var facts = model.MetadataProps.ToDictionary(entry => entry.Key, entry => entry.Value, StringComparer.Ordinal);
        string Fact(string key) => facts.GetValueOrDefault(key) ?? throw new InvalidDataException($"The model does not say its {key}; it was not written by this program.");
        var embedding = Find(tensors, LlamaNames.Embedding);
        var past = model.Graph.Input.FirstOrDefault(input => input.Name == "past_key_values.0.key")?.Type.TensorType.Shape.Dim
            ?? throw new InvalidDataException("The model has no past_key_values.0.key.");
        var headDim = checked((int)past[3].DimValue);
        if (headDim < 1)
            throw new InvalidDataException("The model does not say the width of its heads.");
        return new LlamaConfig(
            Layers: model.Graph.Input.Count(input => input.Name.StartsWith("past_key_values.", StringComparison.Ordinal)) / 2,
            DModel: Size(embedding, 1),
            Heads: Size(Find(tensors, LlamaNames.Of(0, LlamaNames.Query)), 1) / headDim,
            KvHeads: checked((int)past[1].DimValue),
            HeadDim: headDim,
            Ffn: Size(Find(tensors, LlamaNames.Of(0, LlamaNames.Gate)), 1),
            Vocab: Size(embedding, 0),
            Context: int.Parse(Fact("orchestrator.context_length"), CultureInfo.InvariantCulture),
            RopeTheta: float.Parse(Fact("orchestrator.rope_theta"), CultureInfo.InvariantCulture),
            RmsEps: float.Parse(Fact("orchestrator.rms_eps"), CultureInfo.InvariantCulture));
    }

    private static TensorProto Find(Dictionary<string, TensorProto> tensors, string name) =>
        tensors.GetValueOrDefault(name) ?? throw new InvalidDataException($"The model has no tensor {name}.");

    private static int Size(TensorProto tensor, int axis) =>
        axis < tensor.Dims.Count ? checked((int)tensor.Dims[axis]) : throw new InvalidDataException($"{tensor.Name} has too few dimensions.");
}
