using Orchestrator.Contracts;

namespace Orchestrator.Core.Placement;

/// <summary>A node while stages are being given out: what it has, what it held before, what is left.</summary>
internal sealed class PlacementNode(NodeId node, string host, string region, long free, IReadOnlySet<int> held)
{
    public NodeId Node { get; } = node;

    public string Host { get; } = host;

    public string Region { get; } = region;

    /// <summary>Bytes left; shards it holds already are not taken off until they are given to it.</summary>
    public long Free { get; private set; } = free;

    /// <summary>Stages it holds, loads or was told to hold.</summary>
    public IReadOnlySet<int> Held { get; } = held;

    public SortedSet<int> Stages { get; } = [];

    public void Take(int stage, long bytes)
    {
        Stages.Add(stage);
        Free -= bytes;
    }

    public void Drop(int stage, long bytes)
    {
        Stages.Remove(stage);
        Free += bytes;
    }

    public PlacementNode Copy() => new(Node, Host, Region, Free, Held);
}
