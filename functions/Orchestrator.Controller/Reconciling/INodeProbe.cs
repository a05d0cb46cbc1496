using Orchestrator.Contracts;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Asks a pod which node it is.</summary>
public interface INodeProbe
{
    /// <summary>The node at an address inside the cluster; null when nothing answers or it is no worker.</summary>
    Task<NodeId?> ReadAsync(string address, CancellationToken cancel);
}
