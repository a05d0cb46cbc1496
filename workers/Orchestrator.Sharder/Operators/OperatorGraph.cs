using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Operators;

/// <summary>
/// A shard as a list of operators, and two models made from it: the shard with every intermediate value as an output, and any single
/// operator alone. Both keep nodes, constants and opsets as they are, so that without online optimization they compute the same bits.
/// </summary>
/// <remarks>
/// <c>Constant</c> nodes are constants here and not operators, as the runtime takes them: it packs constant weights for its kernels, and
/// an operator that got its weights as an input could run another kernel.
/// </remarks>
public sealed class OperatorGraph
{
    private readonly ModelProto model;
    private readonly ModelGraph graph;
    private readonly int[] steps;

    private OperatorGraph(ModelProto model, ModelGraph graph, ShardManifest shard)
    {
        (this.model, this.graph) = (model, graph);
        steps = [.. graph.Nodes.Where(node => !IsConstant(node)).Select(node => node.Index)];
        Layout = TraceLayout.Of(ShardSources.Resolve(graph, steps, shard), shard);
    }

    /// <summary>Operators, and where every value comes from.</summary>
    public TraceLayout Layout { get; }

    private IReadOnlyList<ShardOperator> Operators => Layout.Operators;

    /// <summary>Reads a shard file.</summary>
    /// <param name="path">The shard; the caller has checked its digest.</param>
    /// <param name="shard">What the manifest says of it.</param>
    /// <exception cref="InvalidDataException">The file is not sound, does not fit the manifest, or has values that are not tensors.</exception>
    public static OperatorGraph Read(string path, ShardManifest shard)
    {
        var model = ModelReader.Read(path);
        var graph = ModelGraph.Of(model.Graph);
        var errors = graph.Nodes.Where(node => NonTensors.Makes(node.Proto)).Select(node =>
            $"Node '{ModelChecks.Printable(node.Proto.Name)}' ({ModelChecks.Printable(node.Proto.OpType)}) makes a value that is not a tensor; such a shard cannot be traced.");
        ModelChecks.Throw([.. errors]);
        return new OperatorGraph(model, graph, shard);
    }

    /// <summary>Writes the shard with the outputs of every operator as outputs of the graph.</summary>
    public void WriteTraced(string path)
    {
        var outputs = model.Graph.Output;
        int original = outputs.Count;
        var present = outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        outputs.AddRange(Operators.SelectMany(op => op.Outputs).Where(present.Add).Select(name => new ValueInfoProto { Name = name }));
        Write(model, path);
        while (outputs.Count > original)
            outputs.RemoveAt(outputs.Count - 1);
    }

    /// <summary>Writes a model of one operator: its constants inside, everything else it reads as inputs.</summary>
    /// <param name="index">The operator.</param>
    /// <param name="inputs">Type and rank of each value of <see cref="ShardOperator.Inputs"/>, by name.</param>
    /// <param name="path">The file.</param>
    public void WriteOperator(int index, IReadOnlyDictionary<string, Tensor> inputs, string path)
    {
        var node = graph.Nodes[steps[index]];
        var alone = new GraphProto { Name = $"operator-{index}" };
        var constants = node.Inputs.Select(value => graph.Values[value]).Where(value => value.Producer >= 0 && IsConstant(graph.Nodes[value.Producer]));
        alone.Node.AddRange(constants.Select(value => graph.Nodes[value.Producer].Proto).Distinct());
        alone.Node.Add(node.Proto);
        alone.Initializer.AddRange(node.Inputs.Select(value => graph.Values[value].Initializer).OfType<TensorProto>());
        alone.Input.AddRange(Operators[index].Inputs.Select(input => Value(input.Value, inputs[input.Value])));
        alone.Output.AddRange(Operators[index].Outputs.Select(name => new ValueInfoProto { Name = name }));
        var single = new ModelProto { IrVersion = model.IrVersion, ProducerName = model.ProducerName, Graph = alone };
        single.OpsetImport.AddRange(model.OpsetImport);
        Write(single, path);
    }

    internal static bool IsConstant(GraphNode node) => node.IsStandard("Constant");

    private static void Write(ModelProto model, string path)
    {
        using var file = File.Create(path);
        model.WriteTo(file);
    }

    private static ValueInfoProto Value(string name, Tensor tensor)
    {
        var shape = new TensorShapeProto();
        // Lengths stay open: a kernel must not be chosen by a length that the shard's own graph leaves open.
        shape.Dim.AddRange(tensor.Shape.Select((_, axis) => new TensorShapeProto.Types.Dimension { DimParam = $"{name}_{axis}" }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)tensor.Type, Shape = shape } } };
    }
}
