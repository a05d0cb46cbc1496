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
    // Keys cost nothing: who comes under ever new ones must not have the control plane asked for all of them at once.
    private const int MostAsked = 16;

    // Nodes are forgotten after days of silence only; a token ends sooner.
    private readonly ConcurrentDictionary<NodeId, bool> known = new();
    private int asked;

    /// <summary>Whether the platform knows the node.</summary>
    /// <exception cref="HttpRequestException">The control plane cannot say.</exception>
    public async ValueTask<bool> HasAsync(NodeId node, CancellationToken cancel) => streams.Has(node) || await IsRegisteredAsync(node, cancel);

    /// <summary>Whether the control plane has registered the node, here or not; no, where it cannot say or is asked of too many nodes already.</summary>
    public async ValueTask<bool> AskAsync(NodeId node, CancellationToken cancel)
    {
        if (known.ContainsKey(node))
            return true;
        try
        {
            return Interlocked.Increment(ref asked) <= MostAsked && await IsRegisteredAsync(node, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref asked);
        }
    }

    private async ValueTask<bool> IsRegisteredAsync(NodeId node, CancellationToken cancel)
    {
        if (known.ContainsKey(node))
            return true;
        if (!await platform.IsRegisteredAsync(node, cancel))
            return false;
        if (known.Count >= most)
            known.Clear();
        known[node] = true;
        return true;
    }
}
