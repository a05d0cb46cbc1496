namespace Orchestrator.Sharder.Cutting;

/// <summary>Maximum flow and minimum cut (Dinic 1970): level graph by breadth-first search, blocking flow by depth-first search.</summary>
internal sealed class Dinic(int nodes)
{
    /// <summary>A capacity that no cut may include.</summary>
    public const long Infinite = long.MaxValue / 8;

    private readonly List<int> to = [];
    private readonly List<long> residual = [];
    private readonly List<int>[] edges = [.. Enumerable.Range(0, nodes).Select(_ => new List<int>())];
    private readonly int[] level = new int[nodes];
    private readonly int[] next = new int[nodes];

    /// <summary>Adds a directed edge.</summary>
    public void Add(int from, int target, long capacity)
    {
        edges[from].Add(to.Count);
        to.Add(target);
        residual.Add(capacity);
        edges[target].Add(to.Count);
        to.Add(from);
        residual.Add(0);
    }

    /// <summary>The maximum flow, or <see cref="Infinite"/> when every cut includes an infinite edge.</summary>
    public long MaxFlow(int source, int sink)
    {
        long flow = 0;
        while (BuildLevels(source, sink))
        {
            Array.Clear(next);
            while (Augment(source, sink) is > 0 and var pushed)
            {
                flow += pushed;
                if (flow >= Infinite)
                    return Infinite;
            }
        }

        return flow;
    }

    /// <summary>After <see cref="MaxFlow"/>: the largest source side of any minimum cut, namely what cannot reach the sink any more.</summary>
    public bool[] LargestSourceSide(int sink)
    {
        bool[] reaches = new bool[nodes];
        reaches[sink] = true;
        var queue = new Queue<int>([sink]);
        while (queue.TryDequeue(out int node))
        {
            foreach (int edge in edges[node])
            {
                int from = to[edge];
                if (residual[edge ^ 1] > 0 && !reaches[from])
                {
                    reaches[from] = true;
                    queue.Enqueue(from);
                }
            }
        }

        return [.. reaches.Select(r => !r)];
    }

    private bool BuildLevels(int source, int sink)
    {
        Array.Fill(level, -1);
        level[source] = 0;
        var queue = new Queue<int>([source]);
        while (queue.TryDequeue(out int node))
        {
            foreach (int edge in edges[node])
            {
                if (residual[edge] > 0 && level[to[edge]] < 0)
                {
                    level[to[edge]] = level[node] + 1;
                    queue.Enqueue(to[edge]);
                }
            }
        }

        return level[sink] >= 0;
    }

    // Iterative: graphs are deep, and a stack overflow cannot be caught.
    private long Augment(int source, int sink)
    {
        var path = new List<int>();
        int node = source;
        while (node != sink)
        {
            if (Advance(node) is { } edge)
            {
                path.Add(edge);
                node = to[edge];
                continue;
            }

            if (path.Count == 0)
                return 0;
            node = to[path[^1] ^ 1];
            path.RemoveAt(path.Count - 1);
            next[node]++;
        }

        long pushed = path.Min(edge => residual[edge]);
        foreach (int edge in path)
        {
            residual[edge] -= pushed;
            residual[edge ^ 1] += pushed;
        }

        return pushed;
    }

    private int? Advance(int node)
    {
        for (; next[node] < edges[node].Count; next[node]++)
        {
            int edge = edges[node][next[node]];
            if (residual[edge] > 0 && level[to[edge]] == level[node] + 1)
                return edge;
        }

        return null;
    }
}
