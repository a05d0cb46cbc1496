using Orchestrator.Contracts;

namespace Orchestrator.Worker.Platform;

/// <summary>The way from a node to the platform.</summary>
public interface IPlatformBus
{
    /// <summary>Hands a message to the broker; it may be delivered more than once and out of order.</summary>
    /// <exception cref="Exception">The broker did not take it; the caller tries again.</exception>
    Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel);
}
