using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// Nodes here of which nobody has said that the control plane knows them: they came while there were places for every key, and nobody asked. Not thread-safe.
/// </summary>
/// <param name="most">Places for them.</param>
internal sealed class Strangers(int most)
{
    // The one longest not asked about comes first.
    private readonly LinkedList<NodeId> line = [];
    private readonly Dictionary<NodeId, LinkedListNode<NodeId>> places = [];

    /// <summary>Whether no further one has a place.</summary>
    public bool AreFull => places.Count >= most;

    /// <summary>Takes one in.</summary>
    public void Enter(NodeId node)
    {
        places.Add(node, line.AddLast(node));
        GatewayTelemetry.Strangers(1);
    }

    /// <summary>It is none any more, or not here any more; nothing happens where it was none.</summary>
    public void Leave(NodeId node)
    {
        if (!places.Remove(node, out var place))
            return;
        line.Remove(place);
        GatewayTelemetry.Strangers(-1);
    }

    /// <summary>The one to ask about next; each gets its turn.</summary>
    public NodeId Next()
    {
        var first = line.First!;
        line.RemoveFirst();
        line.AddLast(first);
        return first.Value;
    }
}
