using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>Checks a parsed model before any other code believes it. Reports everything it finds, up to a limit.</summary>
internal static class ModelChecks
{
    private const int MaxErrors = 20;

    private static readonly HashSet<string> RandomOps = new(StringComparer.Ordinal)
    {
        "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli",
    };

    /// <summary>Throws when the model is not sound.</summary>
    /// <exception cref="InvalidDataException">The message lists what is wrong.</exception>
    public static void ThrowIfUnsound(ModelProto model)
    {
        var errors = new List<string>();
        if (model.Graph is not { } graph)
            errors.Add("The file has no graph; it is not an ONNX model.");
        else if (graph.Node.Count is < 1 or > ModelLimits.Nodes || graph.Initializer.Count > ModelLimits.Initializers
            || graph.Input.Count > ModelLimits.Inputs || graph.Output.Count > ModelLimits.Inputs)
            errors.Add($"The graph has {graph.Node.Count} nodes, {graph.Initializer.Count} initializers, {graph.Input.Count} inputs and {graph.Output.Count} outputs; "
                + $"it must have 1..{ModelLimits.Nodes} nodes and at most {ModelLimits.Initializers} initializers and {ModelLimits.Inputs} inputs and outputs.");
        else
            CheckGraph(graph, errors);
        Throw(errors);
    }

    /// <summary>Throws one exception for all errors; nothing when there are none.</summary>
    /// <exception cref="InvalidDataException">There are errors.</exception>
    public static void Throw(IReadOnlyList<string> errors)
    {
        if (errors.Count == 0)
            return;
        string more = errors.Count > MaxErrors ? $"\n…and {errors.Count - MaxErrors} more." : "";
        throw new InvalidDataException(string.Join('\n', errors.Take(MaxErrors)) + more);
    }

    /// <summary>A name from the file, safe to show.</summary>
    public static string Printable(string text)
    {
        string cut = text.Length > 120 ? text[..120] + "…" : text;
        return new string([.. cut.Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
    }

    private static void CheckGraph(GraphProto graph, List<string> errors)
    {
        if (graph.SparseInitializer.Count > 0)
            errors.Add("The graph has sparse initializers; make them dense.");
        foreach (var tensor in graph.Initializer)
            CheckInitializer(tensor, errors);
        foreach (var node in graph.Node)
            CheckNode(node, depth: 0, errors);
    }

    private static void CheckInitializer(TensorProto tensor, List<string> errors)
    {
        string name = $"Initializer '{Printable(tensor.Name)}'";
        if (tensor.Name.Length is < 1 or > ModelLimits.NameLength)
            errors.Add($"{name} must have a name of 1..{ModelLimits.NameLength} characters.");
        if (Elements(tensor) is not { } elements)
            errors.Add($"{name} has the shape [{string.Join(", ", tensor.Dims.Take(16))}]; it must have at most {ModelLimits.Rank} axes of 0 or more, and fit in memory.");
        else if (!TensorData.Fits(tensor, elements))
            errors.Add($"{name} has {elements} elements by its shape, and data that does not fit that.");
    }

    /// <summary>Number of elements by shape; null when the shape is absurd.</summary>
    public static long? Elements(TensorProto tensor)
    {
        if (tensor.Dims.Count > ModelLimits.Rank)
            return null;
        long elements = 1;
        foreach (long dim in tensor.Dims)
        {
            if (dim < 0 || (dim > 0 && elements > (1L << 40) / dim))
                return null;
            elements *= dim;
        }

        return elements;
    }

    private static void CheckNode(NodeProto node, int depth, List<string> errors)
    {
        string name = $"Node '{Printable(node.Name)}' ({Printable(node.OpType)})";
        if (node.OpType.Length is < 1 or > ModelLimits.NameLength)
            errors.Add($"{name} must name an operator.");
        if (node.Input.Count > ModelLimits.NodeValues || node.Output.Count > ModelLimits.NodeValues || node.Attribute.Count > ModelLimits.NodeValues)
            errors.Add($"{name} has more than {ModelLimits.NodeValues} inputs, outputs or attributes.");
        if (node.Input.Concat(node.Output).Any(value => value.Length > ModelLimits.NameLength))
            errors.Add($"{name} has a value whose name is longer than {ModelLimits.NameLength} characters.");
        if (RandomOps.Contains(node.OpType))
            errors.Add($"{name} draws random numbers, so its result cannot be verified; export the model without it.");
        foreach (var attribute in node.Attribute)
            CheckAttribute(name, attribute, depth, errors);
    }

    private static void CheckAttribute(string name, AttributeProto attribute, int depth, List<string> errors)
    {
        if (attribute.T is not null && ExternalData.IsExternal(attribute.T) || attribute.Tensors.Any(ExternalData.IsExternal))
            errors.Add($"{name} has an attribute with external data; only initializers may have that.");
        if (attribute.T is not null && (Elements(attribute.T) is not { } elements || !TensorData.Fits(attribute.T, elements)))
            errors.Add($"{name} has a tensor attribute whose data does not fit its shape.");
        var graphs = attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);
        foreach (var graph in graphs)
        {
            if (depth == ModelLimits.SubgraphDepth)
            {
                errors.Add($"{name} nests graphs more than {ModelLimits.SubgraphDepth} deep.");
                return;
            }

            foreach (var tensor in graph.Initializer)
            {
                CheckInitializer(tensor, errors);
                if (ExternalData.IsExternal(tensor))
                    errors.Add($"{name} has a nested graph with external data; only the main graph may have that.");
            }

            foreach (var node in graph.Node)
                CheckNode(node, depth + 1, errors);
        }
    }
}
