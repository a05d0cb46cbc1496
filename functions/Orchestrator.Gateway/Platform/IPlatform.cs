using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Platform;

/// <summary>What becomes of a delivery.</summary>
internal enum Outcome
{
    /// <summary>Deliver it again later.</summary>
    Retry,

    /// <summary>Done.</summary>
    Accepted,

    /// <summary>It can never have an effect: put it aside.</summary>
    Dropped,
}

/// <summary>The platform as the gateway sees it: a broker, and who is known there.</summary>
internal interface IPlatform
{
    /// <summary>Hands a message to the broker; returns when the broker has it.</summary>
    /// <exception cref="Exception">The broker did not take it.</exception>
    Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel);

    /// <summary>
    /// Hands over the messages of a topic, at most so many at a time, until cancelled; survives a broker that goes away. What is not settled by
    /// then is delivered again, to whoever subscribes next.
    /// </summary>
    Task SubscribeAsync(string topic, int atOnce, Func<SignedMessage, CancellationToken, Task<Outcome>> deliver, CancellationToken cancel);

    /// <summary>Whether the control plane has registered the node.</summary>
    /// <exception cref="HttpRequestException">It cannot say.</exception>
    Task<bool> IsRegisteredAsync(NodeId node, CancellationToken cancel);

    /// <summary>Whether the broker can be reached now.</summary>
    Task<bool> IsReadyAsync(CancellationToken cancel);
}
