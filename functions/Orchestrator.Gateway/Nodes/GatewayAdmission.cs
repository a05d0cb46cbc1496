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
    private readonly NodeId? platform = options.Platform;

    /// <inheritdoc />
    public bool MayRegister(NodeId node) => nodes.Has(node);

    /// <inheritdoc />
    public async ValueTask<bool> MayDialAsync(NodeId dialer, NodeId target, CancellationToken cancel) =>
        options.OpenToDial || dialer == platform || nodes.Has(dialer) || await registered.AskAsync(dialer, cancel);
}
