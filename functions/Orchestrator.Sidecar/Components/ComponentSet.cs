namespace Orchestrator.Sidecar.Components;

/// <summary>Everything a components folder says.</summary>
internal sealed record ComponentSet
{
    public IReadOnlyList<Component> Components { get; init; } = [];
    public IReadOnlyList<SubscriptionSpec> Subscriptions { get; init; } = [];
    public IReadOnlyList<ResiliencySpec> Resiliencies { get; init; } = [];

    /// <summary>The component of a family ("pubsub", "state") by name, if this app may use it.</summary>
    public Component? Find(string family, string name, string appId) =>
        Components.FirstOrDefault(c => c.Name == name && c.Family == family && c.IsFor(appId));

    public bool Any(string family, string appId) => Components.Any(c => c.Family == family && c.IsFor(appId));

    /// <summary>The state store that holds actors: the one marked <c>actorStateStore</c>.</summary>
    public Component? ActorStateStore =>
        Components.FirstOrDefault(c => c.Family == "state" && string.Equals(c.Get("actorStateStore"), "true", StringComparison.OrdinalIgnoreCase));

    public InboundPolicy Inbound(string pubSub, string appId)
    {
        foreach (var resiliency in Resiliencies)
        {
            if (resiliency.IsFor(appId) && resiliency.Inbound.TryGetValue(pubSub, out var policy))
            {
                return policy;
            }
        }
        return InboundPolicy.None;
    }
}
