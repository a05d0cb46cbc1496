using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>A graph with values and nodes numbered and nodes in topological order, equal for equal files.</summary>
internal sealed class ModelGraph
{
    private readonly Dictionary<string, int> byName = new(StringComparer.Ordinal);
    private readonly List<GraphValue> values = [];

    private ModelGraph(GraphProto proto)
    {
        Proto = proto;
    }

    /// <summary>The graph that was indexed.</summary>
    public GraphProto Proto { get; }

    /// <summary>Nodes; every input of a node comes from an earlier node, an initializer or a graph input.</summary>
    public IReadOnlyList<GraphNode> Nodes { get; private set; } = [];

    /// <summary>Values, by their number.</summary>
    public IReadOnlyList<GraphValue> Values => values;

    /// <summary>The value with a name.</summary>
    public GraphValue this[string name] => values[byName[name]];

    /// <summary>The value with a name; null when there is none.</summary>
    public GraphValue? Find(string name) => byName.TryGetValue(name, out int value) ? values[value] : null;

    /// <summary>Indexes a graph that passed <see cref="ModelChecks"/>.</summary>
    /// <exception cref="InvalidDataException">A value is defined twice or never, or the graph has a cycle.</exception>
    public static ModelGraph Of(GraphProto proto)
    {
        var graph = new ModelGraph(proto);
        var errors = new List<string>();
        foreach (var tensor in proto.Initializer)
            graph.Define(tensor.Name, producer: -1, tensor, errors);
        foreach (var input in proto.Input.Where(input => !graph.byName.ContainsKey(input.Name)))
            graph.Define(input.Name, producer: -1, null, errors);
        var order = TopologicalOrder.Of(proto.Node);
        foreach (var (node, index) in order.Select((node, index) => (node, index)))
        {
            foreach (string output in node.Output.Where(name => name.Length > 0))
                graph.Define(output, index, null, errors);
        }

        ModelChecks.Throw(errors);
        graph.Nodes = [.. order.Select((node, index) => graph.Index(node, index, errors))];
        foreach (var output in proto.Output.Where(output => !graph.byName.ContainsKey(output.Name)))
            errors.Add($"Output '{ModelChecks.Printable(output.Name)}' is not made by any node.");
        ModelChecks.Throw(errors);
        return graph;
    }

    private void Define(string name, int producer, TensorProto? initializer, List<string> errors)
    {
        if (byName.TryAdd(name, values.Count))
            values.Add(new GraphValue(values.Count, name, producer, initializer));
        else
            errors.Add($"Value '{ModelChecks.Printable(name)}' is defined twice.");
    }

    private GraphNode Index(NodeProto node, int index, List<string> errors)
    {
        var inputs = new List<int>();
        foreach (string name in CapturedNames.InputsOf(node))
        {
            if (byName.TryGetValue(name, out int value))
                inputs.Add(value);
            else
                errors.Add($"Node '{ModelChecks.Printable(node.Name)}' ({ModelChecks.Printable(node.OpType)}) reads '{ModelChecks.Printable(name)}', which nothing defines.");
        }

        return new GraphNode(index, node, [.. inputs], [.. node.Output.Where(name => name.Length > 0).Select(name => byName[name])]);
    }
}

/// <summary>A node.</summary>
/// <param name="Index">Place in topological order.</param>
/// <param name="Proto">The node itself.</param>
/// <param name="Inputs">Values it reads, its nested graphs' captured values included; each once.</param>
/// <param name="Outputs">Values it makes.</param>
internal sealed record GraphNode(int Index, NodeProto Proto, int[] Inputs, int[] Outputs)
{
    /// <summary>Whether this is an operator of the ONNX standard domain.</summary>
    public bool IsStandard(string op) => Proto.OpType == op && Proto.Domain is "" or "ai.onnx";
}

/// <summary>A value: an initializer, a graph input (both without producer), or a node's output.</summary>
internal sealed record GraphValue(int Index, string Name, int Producer, TensorProto? Initializer);
