using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Classification;

/// <summary>Classifies the nodes of a graph and finds which placed values each placed node needs, seen through what is repeated.</summary>
internal sealed class NodeClassifier
{
    // Real graphs stay far below one per node on average; a hostile one could make the sets as large as the square of its nodes.
    private const long MaxNeeds = 10_000_000;

    private readonly ModelGraph graph;
    private readonly NodeClass[] values;
    private readonly int[][] needs;

    private NodeClassifier(ModelGraph graph)
    {
        this.graph = graph;
        values = new NodeClass[graph.Values.Count];
        needs = new int[graph.Values.Count][];
    }

    /// <summary>Classifies a graph.</summary>
    /// <exception cref="InvalidDataException">Too many repeated nodes hang on too many shapes.</exception>
    public static Classes Classify(ModelGraph graph, ModelSignature signature)
    {
        var classifier = new NodeClassifier(graph);
        foreach (var value in graph.Values)
            classifier.needs[value.Index] = [];
        foreach (var control in signature.Controls)
            classifier.values[graph[control.Name].Index] = control.Role == InputRole.TokenIds ? NodeClass.Activation : NodeClass.Meta;
        foreach (var cache in signature.Caches)
            classifier.values[graph[cache.Past].Index] = NodeClass.State;
        return classifier.Run();
    }

    private Classes Run()
    {
        var classes = new NodeClass[graph.Nodes.Count];
        var nodeNeeds = new int[graph.Nodes.Count][];
        long total = 0;
        foreach (var node in graph.Nodes)
        {
            var kind = ClassOf(node);
            classes[node.Index] = kind;
            nodeNeeds[node.Index] = NeedsOf(node);
            if ((total += nodeNeeds[node.Index].Length) > MaxNeeds)
                throw new InvalidDataException($"The graph computes masks or positions from more than {MaxNeeds} pairs of nodes and shapes; simplify it before cutting.");
            bool placed = Classes.IsPlaced(kind);
            foreach (int output in node.Outputs)
            {
                values[output] = kind;
                needs[output] = placed ? [output] : nodeNeeds[node.Index];
            }
        }

        return new Classes(classes, values, nodeNeeds);
    }

    private NodeClass ClassOf(GraphNode node)
    {
        var highest = NodeClass.Constant;
        foreach (int input in node.Inputs)
        {
            // What depends on a shape depends on no activation: it is repeated, and only the shape itself crosses.
            var kind = values[input] == NodeClass.Leaf ? NodeClass.Meta : values[input];
            if (kind > highest)
                highest = kind;
        }

        bool shape = node.IsStandard("Shape") || node.IsStandard("Size");
        return shape && highest >= NodeClass.State ? NodeClass.Leaf : highest;
    }

    private int[] NeedsOf(GraphNode node)
    {
        if (node.Inputs.All(input => needs[input].Length == 0))
            return [];
        return [.. node.Inputs.SelectMany(input => needs[input]).Distinct().Order()];
    }
}

/// <summary>The classes of a graph.</summary>
/// <param name="Nodes">By node number.</param>
/// <param name="Values">By value number; graph inputs and initializers included.</param>
/// <param name="Needs">By node number: values made by placed nodes that this node needs, directly or through repeated nodes.</param>
internal sealed record Classes(NodeClass[] Nodes, NodeClass[] Values, int[][] Needs)
{
    /// <summary>Whether a node of this class runs in exactly one shard.</summary>
    public static bool IsPlaced(NodeClass kind) => kind is NodeClass.Leaf or NodeClass.State or NodeClass.Activation;
}
