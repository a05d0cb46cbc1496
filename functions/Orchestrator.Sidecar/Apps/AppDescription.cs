using Orchestrator.Sidecar.Components;

namespace Orchestrator.Sidecar.Apps;

/// <summary>What an app said about itself when it came up.</summary>
internal sealed record AppDescription(IReadOnlyList<SubscriptionSpec> Subscriptions, IReadOnlyDictionary<string, ActorTypeConfig> ActorTypes)
{
    public static AppDescription Nothing { get; } = new([], new Dictionary<string, ActorTypeConfig>());
}

/// <param name="IdleTimeout">Deactivated after this long without a turn. Default 60 min.</param>
/// <param name="DrainTimeout">Longest wait for a running turn when the actor moves. Default 2 s.</param>
/// <param name="MaxStackDepth">Deepest chain of reentrant calls; 0 when reentrancy is off.</param>
internal sealed record ActorTypeConfig(TimeSpan IdleTimeout, TimeSpan DrainTimeout, int MaxStackDepth)
{
    public static ActorTypeConfig Default { get; } = new(TimeSpan.FromMinutes(60), TimeSpan.FromSeconds(2), 0);
}
