using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Dispatch;

/// <summary>
/// Nodes that some job has just lost, or whose neighbour says so. Until their next heartbeat shows that they are there they get work only where nobody else has
/// room, so that one lost node costs one attempt and not one of every job. Known to this replica alone, and never held against the node.
/// </summary>
public sealed class Suspects
{
    private readonly ConcurrentDictionary<NodeId, DateTimeOffset> since = new();

    /// <summary>A chain failed at these nodes then. Saying so again changes nothing.</summary>
    public void Add(IEnumerable<NodeId> nodes, DateTimeOffset at)
    {
        foreach (var node in nodes)
            since.AddOrUpdate(node, at, (_, known) => known > at ? known : at);
    }

    /// <summary>Which of these have not been heard since.</summary>
    public IEnumerable<NodeId> Among(IEnumerable<NodeState> nodes)
    {
        foreach (var node in nodes)
        {
            if (!since.TryGetValue(node.Record.Node, out var lost))
                continue;
            if (node.LastSeen > lost)
                since.TryRemove(node.Record.Node, out _);
            else
                yield return node.Record.Node;
        }
    }
}
