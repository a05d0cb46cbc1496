using Orchestrator.Contracts;
using Orchestrator.Sharder.Classification;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Cutting;

/// <summary>Weighs nodes by what bounds decoding: the weights they read. A lookup holds its table but reads one row of it.</summary>
internal static class NodeWeights
{
    private const long PerNode = 64;

    private static readonly HashSet<string> Lookups = new(StringComparer.Ordinal) { "Gather", "GatherND", "GatherElements", "GatherBlockQuantized" };

    /// <summary>Weight of each placed node, by node number; zero for the others.</summary>
    public static Weight[] Of(ModelGraph graph, Classes classes, TensorSpec?[] specs)
    {
        long[] constants = ConstantBytes(graph, classes);
        var weights = new Weight[graph.Nodes.Count];
        foreach (var node in graph.Nodes.Where(node => Classes.IsPlaced(classes.Nodes[node.Index])))
        {
            long held = node.Inputs.Sum(input => constants[input]);
            long written = node.Outputs.Sum(output => specs[output]?.BytesPerToken ?? 0);
            weights[node.Index] = new Weight(PerNode + written + (Lookups.Contains(node.Proto.OpType) ? 0 : held), held);
        }

        return weights;
    }

    // Bytes of the initializers behind each constant value; other values hold none.
    private static long[] ConstantBytes(ModelGraph graph, Classes classes)
    {
        long[] bytes = new long[graph.Values.Count];
        foreach (var value in graph.Values)
        {
            if (value.Initializer is { } tensor)
                bytes[value.Index] = TensorData.Bytes(tensor, ModelChecks.Elements(tensor) ?? 0);
        }

        foreach (var node in graph.Nodes.Where(node => classes.Nodes[node.Index] == NodeClass.Constant))
        {
            long sum = Math.Min(node.Inputs.Sum(input => bytes[input]), 1L << 50);
            foreach (int output in node.Outputs)
                bytes[output] = sum;
        }

        return bytes;
    }
}
