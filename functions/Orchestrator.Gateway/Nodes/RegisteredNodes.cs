using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Platform;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// Which nodes the platform knows. Keys cost nothing, so a login alone says little: a node with a stream here is about to register or has; any other, one with a
/// broker of its own or a stream at another replica, must be registered.
/// </summary>
internal sealed class RegisteredNodes(NodeTable streams, IPlatform platform, int most)
{
    // Nodes are forgotten after days of silence only; a token ends sooner.
    private readonly ConcurrentDictionary<NodeId, bool> known = new();

    /// <summary>Whether the node is here, or the control plane has said that it knows it.</summary>
    public bool Remembers(NodeId node) => streams.Has(node) || known.ContainsKey(node);

    /// <summary>Whether the platform knows the node.</summary>
    /// <exception cref="HttpRequestException">The control plane cannot say.</exception>
    public async ValueTask<bool> HasAsync(NodeId node, CancellationToken cancel)
    {
        if (Remembers(node))
            return true;
        if (!await platform.IsRegisteredAsync(node, cancel))
            return false;
        if (known.Count >= most)
            known.Clear();
        known[node] = true;
        return true;
    }
}
