using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>Orders nodes so that producers come first (Kahn 1962); among ready nodes the earliest in the file wins.</summary>
internal static class TopologicalOrder
{
    /// <summary>The nodes in order.</summary>
    /// <exception cref="InvalidDataException">The graph has a cycle.</exception>
    public static IReadOnlyList<NodeProto> Of(IReadOnlyList<NodeProto> nodes)
    {
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string output in nodes[i].Output.Where(name => name.Length > 0))
                producer.TryAdd(output, i);
        }

        var waiting = new int[nodes.Count];
        var consumers = new List<int>?[nodes.Count];
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string input in CapturedNames.InputsOf(nodes[i]))
            {
                if (!producer.TryGetValue(input, out int from))
                    continue;
                (consumers[from] ??= []).Add(i);
                waiting[i]++;
            }
        }

        var ready = new PriorityQueue<int, int>(Enumerable.Range(0, nodes.Count).Where(i => waiting[i] == 0).Select(i => (i, i)));
        var order = new List<NodeProto>(nodes.Count);
        while (ready.TryDequeue(out int node, out _))
        {
            order.Add(nodes[node]);
            foreach (int consumer in consumers[node] ?? [])
            {
                if (--waiting[consumer] == 0)
                    ready.Enqueue(consumer, consumer);
            }
        }

        if (order.Count < nodes.Count)
            throw new InvalidDataException($"The graph has a cycle through {nodes.Count - order.Count} nodes; it is not an ONNX model.");
        return order;
    }
}
