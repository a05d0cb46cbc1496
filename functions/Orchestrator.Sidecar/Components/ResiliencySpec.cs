namespace Orchestrator.Sidecar.Components;

/// <summary>What a <c>Resiliency</c> says about messages on their way in.</summary>
/// <param name="Inbound">By pub/sub component name.</param>
internal sealed record ResiliencySpec(IReadOnlyDictionary<string, InboundPolicy> Inbound, IReadOnlyList<string> Scopes)
{
    public bool IsFor(string appId) => Scopes.Count == 0 || Scopes.Contains(appId, StringComparer.Ordinal);
}

/// <param name="Timeout">Longest time a handler may take; null for no limit.</param>
internal sealed record InboundPolicy(RetryPolicy Retry, TimeSpan? Timeout)
{
    public static InboundPolicy None { get; } = new(RetryPolicy.None, null);
}
