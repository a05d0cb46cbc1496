using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>What a node reads, including what its nested graphs take from the graph around them.</summary>
internal static class CapturedNames
{
    /// <summary>Names of the values a node reads, each once, in order of appearance.</summary>
    public static IEnumerable<string> InputsOf(NodeProto node)
    {
        var own = node.Input.Where(name => name.Length > 0);
        return node.Attribute.Any(attribute => attribute.G is not null || attribute.Graphs.Count > 0)
            ? own.Concat(Graphs(node).SelectMany(Free)).Distinct(StringComparer.Ordinal)
            : own.Distinct(StringComparer.Ordinal);
    }

    private static IEnumerable<GraphProto> Graphs(NodeProto node) =>
        node.Attribute.SelectMany(attribute => attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G));

    private static IEnumerable<string> Free(GraphProto graph)
    {
        var bound = graph.Input.Select(input => input.Name)
            .Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.Node.SelectMany(node => node.Output))
            .ToHashSet(StringComparer.Ordinal);
        return graph.Node.SelectMany(InputsOf)
            .Concat(graph.Output.Select(output => output.Name))
            .Where(name => name.Length > 0 && !bound.Contains(name));
    }
}
