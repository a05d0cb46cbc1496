using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Llama;
using static Orchestrator.Trainer.Export.GraphBuilder;

namespace Orchestrator.Trainer.Export;

/// <summary>
/// Attention from standard ONNX operators. Masks and rotary angles come once from <c>attention_mask</c> and <c>position_ids</c>;
/// the angles are looked up in tables rather than computed, so every runtime turns by the same bits.
/// </summary>
internal sealed class StandardAttention : IAttention
{
    private const int LastAxis = -1;
    private readonly GraphBuilder graph;
    private readonly LlamaConfig config;
    private readonly string cos;
    private readonly string sin;
    private readonly string bias;

    public StandardAttention(GraphBuilder graph, LlamaConfig config)
    {
        (this.graph, this.config) = (graph, config);
        var positions = graph.Input("position_ids", TensorProto.Types.DataType.Int64, "batch_size", "sequence_length");
        graph.Floats("rope.half", [2f]);
        graph.Floats("rms.eps", [config.RmsEps]);
        graph.Floats("attention.scale", [MathF.Sqrt(config.HeadDim)]);
        graph.Ints("axis.heads", 2);
        graph.Ints("shape.heads", 0, 0, -1, config.HeadDim);
        graph.Ints("shape.groups", 0, 0, config.KvHeads, config.HeadsPerKv, config.HeadDim);
        graph.Ints("shape.merged", 0, 0, config.QueryWidth);
        cos = Angles("cos", positions);
        sin = Angles("sin", positions);
        bias = Bias();
    }

    public string Norm(string node, string x, string gain)
    {
        var square = graph.Node("Pow", $"{node}/square", [x, "rope.half"]);
        var mean = graph.Node("ReduceMean", $"{node}/mean", [square], Attribute("axes", [LastAxis]), Attribute("keepdims", 1));
        var sum = graph.Node("Add", $"{node}/shifted", [mean, "rms.eps"]);
        var root = graph.Node("Sqrt", $"{node}/root", [sum]);
        var unit = graph.Node("Div", $"{node}/unit", [x, root]);
        return graph.Node("Mul", $"{node}/scaled", [unit, gain]);
    }

    public string Attend(int layer, string query, string key, string value)
    {
        var node = $"layers.{layer}/attention";
        // [batch, sequence, heads, headDim] -> [batch, kvHeads, headsPerKv, sequence, headDim]
        var turnedQuery = Rotate($"{node}/query", graph.Node("Reshape", $"{node}/query/heads", [query, "shape.heads"]));
        var grouped = graph.Node("Reshape", $"{node}/query/groups", [turnedQuery, "shape.groups"]);
        var queries = graph.Node("Transpose", $"{node}/query/laid", [grouped], Attribute("perm", 0, 2, 3, 1, 4));

        var turnedKey = Rotate($"{node}/key", graph.Node("Reshape", $"{node}/key/heads", [key, "shape.heads"]));
        var keys = Append(layer, "key", graph.Node("Transpose", $"{node}/key/laid", [turnedKey], Attribute("perm", 0, 2, 1, 3)));
        var splitValue = graph.Node("Reshape", $"{node}/value/heads", [value, "shape.heads"]);
        var values = Append(layer, "value", graph.Node("Transpose", $"{node}/value/laid", [splitValue], Attribute("perm", 0, 2, 1, 3)));

        // One key head serves its group by broadcasting over the third axis: no repeated copies.
        var across = graph.Node("Transpose", $"{node}/key/across", [keys], Attribute("perm", 0, 1, 3, 2));
        var keyGroup = graph.Node("Unsqueeze", $"{node}/key/group", [across, "axis.heads"]);
        var valueGroup = graph.Node("Unsqueeze", $"{node}/value/group", [values, "axis.heads"]);
        var raw = graph.Node("MatMul", $"{node}/raw", [queries, keyGroup]);
        var scaled = graph.Node("Div", $"{node}/scores", [raw, "attention.scale"]);
        var masked = graph.Node("Add", $"{node}/masked", [scaled, bias]);
        var weights = graph.Node("Softmax", $"{node}/weights", [masked], Attribute("axis", LastAxis));
        var mixed = graph.Node("MatMul", $"{node}/mixed", [weights, valueGroup]);
        var back = graph.Node("Transpose", $"{node}/back", [mixed], Attribute("perm", 0, 3, 1, 2, 4));
        return graph.Node("Reshape", $"{node}/merged", [back, "shape.merged"]);
    }

    private string Append(int layer, string kind, string fresh) =>
        graph.Node("Concat", "", $"layers.{layer}/attention/{kind}/append", [$"past_key_values.{layer}.{kind}", fresh],
            [$"present.{layer}.{kind}"], Attribute("axis", 2))[0];

    private string Rotate(string node, string x)
    {
        var halves = graph.Node("Split", "", $"{node}/halves", [x], [$"{node}/low", $"{node}/high"], Attribute("axis", LastAxis));
        var low = graph.Node("Sub", $"{node}/low/turned",
            [graph.Node("Mul", $"{node}/low/cos", [halves[0], cos]), graph.Node("Mul", $"{node}/high/sin", [halves[1], sin])]);
        var high = graph.Node("Add", $"{node}/high/turned",
            [graph.Node("Mul", $"{node}/high/cos", [halves[1], cos]), graph.Node("Mul", $"{node}/low/sin", [halves[0], sin])]);
        return graph.Node("Concat", $"{node}/turned", [low, high], Attribute("axis", LastAxis));
    }

    private string Angles(string kind, string positions)
    {
        var rows = graph.Node("Gather", $"rope/{kind}/rows", [$"{kind}_cache", positions], Attribute("axis", 0));
        return graph.Node("Unsqueeze", $"rope/{kind}", [rows, "axis.heads"]);
    }

    /// <summary>[batch, 1, 1, sequence, total]: 0 where a query may look, and a number that vanishes under softmax elsewhere.</summary>
    private string Bias()
    {
        graph.Int("mask.zero", 0);
        graph.Int("mask.one", 1);
        graph.Int("mask.axis", 1);
        graph.Ints("mask.query.axis", 1);
        graph.Ints("mask.padding.axes", 1, 2, 3);
        graph.Floats("mask.seen", [0f]);
        graph.Floats("mask.hidden", [-1e9f]);
        var total = Length("total", "attention_mask");
        var fresh = Length("fresh", "input_ids");
        var past = graph.Node("Sub", "mask/past", [total, fresh]);
        var keys = graph.Node("Range", "mask/keys", ["mask.zero", total, "mask.one"]);
        var queries = graph.Node("Unsqueeze", "mask/queries",
            [graph.Node("Range", "mask/queries/range", [past, total, "mask.one"]), "mask.query.axis"]);
        var causal = graph.Node("LessOrEqual", "mask/causal", [keys, queries]);
        var present = graph.Node("Unsqueeze", "mask/present",
            [graph.Node("Greater", "mask/attended", ["attention_mask", "mask.zero"]), "mask.padding.axes"]);
        var visible = graph.Node("And", "mask/visible", [causal, present]);
        return graph.Node("Where", "mask/bias", [visible, "mask.seen", "mask.hidden"]);
    }

    private string Length(string kind, string value) => graph.Node("Gather", $"mask/{kind}",
        [graph.Node("Shape", $"mask/{kind}/shape", [value]), "mask.axis"], Attribute("axis", 0));
}
