using System.Text.Json;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Llama;
using DataType = Orchestrator.Sharder.Protobuf.TensorProto.Types.DataType;

namespace Orchestrator.Trainer.Export;

/// <summary>
/// Writes a Llama-style decoder as ONNX (opset 17, IR 8, weights inside the file). Inputs: <c>input_ids</c> int64 [batch, sequence],
/// <c>attention_mask</c> int64 [batch, total], <c>position_ids</c> int64 [batch, sequence] (standard style only) and
/// <c>past_key_values.N.key|value</c> float [batch, kvHeads, past, headDim]. Outputs: <c>logits</c> float [batch, sequence, vocab] and
/// <c>present.N.key|value</c>. The same weights always give the same bytes.
/// </summary>
public static class LlamaOnnxExporter
{
    private const int Opset = 17;
    private const int IrVersion = 8;

    public static ModelProto Export(LlamaWeights weights, AttentionStyle style, string name = "llama")
    {
        var config = weights.Config;
        var graph = new GraphBuilder(name);
        var tokens = graph.Input("input_ids", DataType.Int64, "batch_size", "sequence_length");
        graph.Input("attention_mask", DataType.Int64, "batch_size", "total_sequence_length");
        var rotary = new RotaryTable(config.Context, config.HeadDim, config.RopeTheta);
        graph.Floats("cos_cache", rotary.Cos, config.Context, rotary.Half);
        graph.Floats("sin_cache", rotary.Sin, config.Context, rotary.Half);
        foreach (var slot in weights.Slots)
            graph.Floats(slot.Name, weights.Of(slot.Name), slot.IsMatrix ? [slot.Rows, slot.Columns] : [slot.Rows]);

        IAttention attention = style == AttentionStyle.Standard ? new StandardAttention(graph, config) : new GroupQueryAttention(graph, config);
        var x = graph.Node("Gather", "embedding", [LlamaNames.Embedding, tokens], GraphBuilder.Attribute("axis", 0));
        for (var layer = 0; layer < config.Layers; layer++)
            x = Layer(graph, attention, layer, x);
        var last = attention.Norm("norm", x, LlamaNames.FinalNorm);
        graph.Node("MatMul", "", "head", [last, LlamaNames.Head], ["logits"]);

        graph.Output("logits", DataType.Float, "batch_size", "sequence_length", config.Vocab);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            foreach (var kind in (string[])["key", "value"])
            {
                graph.Input($"past_key_values.{layer}.{kind}", DataType.Float, "batch_size", config.KvHeads, "past_sequence_length", config.HeadDim);
                graph.Output($"present.{layer}.{kind}", DataType.Float, "batch_size", config.KvHeads, "total_sequence_length", config.HeadDim);
            }
        }
        return Model(graph.Graph, config, style);
    }

    /// <summary>Writes <see cref="Export"/> to a file, replacing what was there.</summary>
    /// <exception cref="ArgumentException">The model passes 2 GB, which protobuf cannot hold.</exception>
    public static void Write(LlamaWeights weights, AttentionStyle style, string path, string name = "llama")
    {
        if (weights.Values.LongLength * sizeof(float) > int.MaxValue - (64 << 20))
            throw new ArgumentException("The model passes 2 GB, which one ONNX file cannot hold; choose smaller dimensions.", nameof(weights));
        using var file = File.Create(path);
        Export(weights, style, name).WriteTo(file);
    }

    private static string Layer(GraphBuilder graph, IAttention attention, int layer, string x)
    {
        string Project(string node, string input, string part) =>
            graph.Node("MatMul", $"layers.{layer}/{node}", [input, LlamaNames.Of(layer, part)]);

        var normed = attention.Norm($"layers.{layer}/attention/norm", x, LlamaNames.Of(layer, LlamaNames.AttentionNorm));
        var mixed = attention.Attend(layer,
            Project("attention/q", normed, LlamaNames.Query),
            Project("attention/k", normed, LlamaNames.Key),
            Project("attention/v", normed, LlamaNames.Value));
        var middle = graph.Node("Add", $"layers.{layer}/attention/residual", [x, Project("attention/o", mixed, LlamaNames.Output)]);

        var wide = attention.Norm($"layers.{layer}/mlp/norm", middle, LlamaNames.Of(layer, LlamaNames.FfnNorm));
        var gate = Project("mlp/gate", wide, LlamaNames.Gate);
        var silu = graph.Node("Mul", $"layers.{layer}/mlp/silu", [gate, graph.Node("Sigmoid", $"layers.{layer}/mlp/sigmoid", [gate])]);
        var gated = graph.Node("Mul", $"layers.{layer}/mlp/gated", [silu, Project("mlp/up", wide, LlamaNames.Up)]);
        return graph.Node("Add", $"layers.{layer}/mlp/residual", [middle, Project("mlp/down", gated, LlamaNames.Down)]);
    }

    private static ModelProto Model(GraphProto graph, LlamaConfig config, AttentionStyle style)
    {
        var model = new ModelProto
        {
            IrVersion = IrVersion,
            ProducerName = "Orchestrator.Trainer",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
        };
        if (style == AttentionStyle.GroupQuery)
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = GraphBuilder.RuntimeDomain, Version = 1 });
        foreach (var (key, value) in Metadata(config))
            model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
        return model;
    }

    /// <summary>What a runtime must know beyond the graph; the keys are described in <c>infra/models/README.md</c>.</summary>
    private static IEnumerable<(string Key, string Value)> Metadata(LlamaConfig config) =>
    [
        ("orchestrator.architecture", "llama"),
        ("orchestrator.context_length", $"{config.Context}"),
        ("orchestrator.tokenizer", "byte"),
        ("orchestrator.special_tokens", JsonSerializer.Serialize(ByteTokens.Special, TrainerJson.Compact.IReadOnlyDictionaryStringInt32)),
        ("orchestrator.stop_tokens", $"[{ByteTokens.End}]"),
        ("orchestrator.chat_template", "<|begin|>[<|system|>{system}](<|user|>{user}<|assistant|>{assistant}<|end|>)*<|user|>{user}<|assistant|>"),
        ("orchestrator.rope_theta", $"{config.RopeTheta}"),
        ("orchestrator.rms_eps", $"{config.RmsEps}"),
    ];
}
