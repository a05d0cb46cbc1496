using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>One subscription. A table of these is all a host maps.</summary>
/// <param name="Topic">The topic, of component <see cref="Topics.PubSub"/>.</param>
/// <param name="Pattern">Where the sidecar posts deliveries, without a leading slash.</param>
/// <param name="Handle">The handler.</param>
public sealed record TopicRoute(string Topic, string Pattern, Func<SignedMessage, CancellationToken, Task<(Delivery Delivery, string? Reason)>> Handle)
{
    /// <summary>Where the sidecar puts what no attempt could place.</summary>
    public string DeadLetter => Topics.DeadLetter(Topic);
}
