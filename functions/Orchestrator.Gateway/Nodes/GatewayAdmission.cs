using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Relay.Server;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// Who may use the relay in a gateway: nodes whose stream of work is here register; they, and registered nodes wherever their gateway is, reach those; the platform
/// reaches all. Asked at each registration, at each ping of one, and at each call; streams that are open stay when a node's stream of work ends.
/// </summary>
internal sealed class GatewayAdmission(NodeTable nodes, RegisteredNodes registered, GatewayRelayOptions options) : IRelayAdmission
{
    // Keys cost nothing: who calls under ever new ones must not have the control plane asked for all of them at once.
    private const int MostAsked = 16;

    private readonly NodeId? platform = options.Platform;
    private int asked;

    /// <inheritdoc />
    public bool MayRegister(NodeId node) => nodes.Has(node);

    /// <inheritdoc />
    public async ValueTask<bool> MayDialAsync(NodeId dialer, NodeId target, CancellationToken cancel)
    {
        if (options.OpenToDial || dialer == platform || registered.Remembers(dialer))
            return true;
        try
        {
            return Interlocked.Increment(ref asked) <= MostAsked && await registered.HasAsync(dialer, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested && e is HttpRequestException or OperationCanceledException)
        {
            // Whoever dials tries again.
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref asked);
        }
    }
}
