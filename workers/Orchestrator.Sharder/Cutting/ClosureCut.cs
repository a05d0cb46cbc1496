namespace Orchestrator.Sharder.Cutting;

/// <summary>
/// Splits nodes into before and after so that nothing before needs anything after, and the values that cross cost least.
/// A minimum closure by maximum flow (Picard 1976); each value is a node of its own, so it is paid once however many read it.
/// </summary>
internal static class ClosureCut
{
    /// <summary>
    /// The cheapest cut, and of all cheapest ones the latest. Latest cuts of growing <paramref name="before"/> and shrinking
    /// <paramref name="after"/> are nested.
    /// </summary>
    /// <param name="problem">The graph.</param>
    /// <param name="before">Nodes that must come before the cut.</param>
    /// <param name="after">Nodes that must come after the cut.</param>
    /// <returns>The cut; null when there is none of finite cost.</returns>
    public static Cut? Find(CutProblem problem, IEnumerable<int> before, IEnumerable<int> after)
    {
        int source = problem.Nodes + problem.Values.Count, sink = source + 1;
        var flow = new Dinic(sink + 1);
        foreach (int node in before)
            flow.Add(source, node, Dinic.Infinite);
        foreach (int node in after)
            flow.Add(node, sink, Dinic.Infinite);
        for (int i = 0; i < problem.Values.Count; i++)
        {
            var value = problem.Values[i];
            int crossing = problem.Nodes + i;
            flow.Add(value.Producer, crossing, value.Cost);
            foreach (int consumer in value.Consumers)
            {
                flow.Add(crossing, consumer, Dinic.Infinite);
                flow.Add(consumer, value.Producer, Dinic.Infinite);
            }
        }

        long cost = flow.MaxFlow(source, sink);
        return cost >= Dinic.Infinite ? null : new Cut(flow.LargestSourceSide(sink)[..problem.Nodes], cost);
    }
}

/// <summary>A cut.</summary>
/// <param name="Before">Whether each node comes before it.</param>
/// <param name="Cost">Sum over the values that cross.</param>
internal sealed record Cut(bool[] Before, long Cost);
