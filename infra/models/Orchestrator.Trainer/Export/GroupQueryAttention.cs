using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Llama;
using static Orchestrator.Trainer.Export.GraphBuilder;

namespace Orchestrator.Trainer.Export;

/// <summary>
/// Attention by ONNX Runtime's <c>com.microsoft.GroupQueryAttention</c>, which turns, masks and appends by itself. Past and present
/// may be the same buffer of any capacity; <c>attention_mask</c> alone says how much of it is filled, padding on the right.
/// </summary>
internal sealed class GroupQueryAttention : IAttention
{
    private readonly GraphBuilder graph;
    private readonly LlamaConfig config;
    private readonly string lengths;
    private readonly string total;

    public GroupQueryAttention(GraphBuilder graph, LlamaConfig config)
    {
        (this.graph, this.config) = (graph, config);
        var int32 = Attribute("to", (long)TensorProto.Types.DataType.Int32);
        graph.Ints("mask.sequence", 1);
        graph.Ints("mask.one", 1);
        graph.Int("mask.axis", 1);
        var attended = graph.Node("ReduceSum", "mask/attended", ["attention_mask", "mask.sequence"], Attribute("keepdims", 0));
        var last = graph.Node("Sub", "mask/last", [attended, "mask.one"]);
        lengths = graph.Node("Cast", "mask/lengths", [last], int32);
        var shape = graph.Node("Shape", "mask/shape", ["attention_mask"]);
        var width = graph.Node("Gather", "mask/width", [shape, "mask.axis"], Attribute("axis", 0));
        total = graph.Node("Cast", "mask/total", [width], int32.Clone());
    }

    public string Norm(string node, string x, string gain) =>
        graph.Node("SimplifiedLayerNormalization", $"{node}/scaled", [x, gain],
            Attribute("axis", -1), Attribute("epsilon", config.RmsEps), Attribute("stash_type", 1));

    public string Attend(int layer, string query, string key, string value) =>
        graph.Node("GroupQueryAttention", RuntimeDomain, $"layers.{layer}/attention",
            [query, key, value, $"past_key_values.{layer}.key", $"past_key_values.{layer}.value", lengths, total, "cos_cache", "sin_cache"],
            [$"layers.{layer}/attention", $"present.{layer}.key", $"present.{layer}.value"],
            Attribute("num_heads", config.Heads), Attribute("kv_num_heads", config.KvHeads),
            Attribute("scale", 1f / MathF.Sqrt(config.HeadDim)), Attribute("do_rotary", 1), Attribute("rotary_interleaved", 0))[0];
}
