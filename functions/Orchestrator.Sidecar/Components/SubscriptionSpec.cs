namespace Orchestrator.Sidecar.Components;

/// <summary>One subscription, from a YAML file or from the app itself.</summary>
/// <param name="Rules">Tried in order; the first whose expression holds names the route.</param>
/// <param name="DefaultRoute">Route when no rule holds; null drops the message.</param>
/// <param name="Raw">The publisher's bytes are not a CloudEvent: wrap them on delivery.</param>
/// <param name="Bulk">The app's handler takes bulk envelopes. Each holds one message here: a batch of one is a batch.</param>
/// <param name="Scopes">App-ids it is for; empty means all. Only YAML has them.</param>
internal sealed record SubscriptionSpec(
    string PubSub,
    string Topic,
    IReadOnlyList<RouteRule> Rules,
    string? DefaultRoute,
    string? DeadLetterTopic,
    bool Raw,
    bool Bulk,
    IReadOnlyList<string> Scopes)
{
    public bool IsFor(string appId) => Scopes.Count == 0 || Scopes.Contains(appId, StringComparer.Ordinal);
}

internal sealed record RouteRule(string Match, string Path);
