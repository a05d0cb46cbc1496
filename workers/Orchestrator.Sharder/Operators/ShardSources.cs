using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Operators;

/// <summary>Finds out where each value that an operator reads comes from.</summary>
internal static class ShardSources
{
    /// <summary>The operators of a shard with their sources.</summary>
    /// <param name="graph">The shard.</param>
    /// <param name="steps">Numbers of the nodes that are operators, in execution order.</param>
    /// <param name="shard">What the manifest says of it.</param>
    /// <exception cref="InvalidDataException">The graph and the manifest disagree.</exception>
    public static IReadOnlyList<ShardOperator> Resolve(ModelGraph graph, IReadOnlyList<int> steps, ShardManifest shard)
    {
        var place = new Dictionary<int, int>();
        for (int i = 0; i < steps.Count; i++)
            place.Add(steps[i], i);
        var inputs = Inputs(graph, place, shard);
        return [.. steps.Select((step, i) => Operator(graph, graph.Nodes[step], i, place, inputs))];
    }

    /// <summary>Names of the received values, in manifest order.</summary>
    public static string[] Received(ShardManifest shard) => [.. shard.ModelInputs.Select(input => input.Name), .. shard.Receives.Select(tensor => tensor.Name)];

    private static Dictionary<string, ValueSource> Inputs(ModelGraph graph, Dictionary<int, int> place, ShardManifest shard)
    {
        var sources = new Dictionary<string, ValueSource>(StringComparer.Ordinal);
        int received = 0;
        foreach (string name in Received(shard))
            sources.TryAdd(name, new ValueSource(ValueKind.Received, received++, 0));
        for (int cache = 0; cache < shard.Caches.Count; cache++)
        {
            var tensor = shard.Caches[cache];
            int producer = graph.Find(tensor.Present)?.Producer ?? -1;
            if (producer < 0 || !place.TryGetValue(producer, out int index))
                throw new InvalidDataException($"No operator of the shard makes the cache '{ModelChecks.Printable(tensor.Present)}'.");
            sources.TryAdd(tensor.Past, new ValueSource(ValueKind.Past, index, Names(graph.Nodes[producer]).IndexOf(tensor.Present), cache));
        }

        return sources;
    }

    private static ShardOperator Operator(ModelGraph graph, GraphNode node, int index, Dictionary<int, int> place, Dictionary<string, ValueSource> inputs)
    {
        var read = new List<OperatorInput>();
        foreach (var value in node.Inputs.Select(input => graph.Values[input]).Where(value => value.Initializer is null))
        {
            if (value.Producer < 0)
                read.Add(new OperatorInput(value.Name, inputs.TryGetValue(value.Name, out var source) ? source
                    : throw new InvalidDataException($"The shard reads '{ModelChecks.Printable(value.Name)}', which its manifest does not fill.")));
            else if (place.TryGetValue(value.Producer, out int producer))
                read.Add(new OperatorInput(value.Name, new ValueSource(ValueKind.Computed, producer, Names(graph.Nodes[value.Producer]).IndexOf(value.Name))));
        }

        var outputs = Names(node);
        if (outputs.Count == 0)
            throw new InvalidDataException($"Node '{ModelChecks.Printable(node.Proto.Name)}' makes nothing.");
        return new ShardOperator(index, node.Proto.Name, node.Proto.OpType, read, outputs);
    }

    private static List<string> Names(GraphNode node) => [.. node.Proto.Output.Where(name => name.Length > 0)];
}
