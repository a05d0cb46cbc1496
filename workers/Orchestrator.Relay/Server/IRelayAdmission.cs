using Orchestrator.Contracts;

namespace Orchestrator.Relay.Server;

/// <summary>Who may use a relay. An identity that is asked about has proven its key.</summary>
public interface IRelayAdmission
{
    /// <summary>Whether a node may be reachable here; asked again while it is registered, and its registration ends when it may not any more.</summary>
    bool MayRegister(NodeId node);

    /// <summary>Whether an identity may reach nodes through here.</summary>
    ValueTask<bool> MayDialAsync(NodeId dialer, NodeId target, CancellationToken cancel);
}

/// <summary>Takes everyone with a key: the limits per key still hold, and keys cost nothing, so only for networks whose hosts know each other.</summary>
public sealed class OpenAdmission : IRelayAdmission
{
    /// <inheritdoc />
    public bool MayRegister(NodeId node) => true;

    /// <inheritdoc />
    public ValueTask<bool> MayDialAsync(NodeId dialer, NodeId target, CancellationToken cancel) => new(true);
}
