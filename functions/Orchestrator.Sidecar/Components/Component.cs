namespace Orchestrator.Sidecar.Components;

/// <summary>A <c>Component</c> (dapr.io/v1alpha1): a named building block of a type such as <c>pubsub.redis</c>.</summary>
/// <param name="Metadata">Plain values; a value held in a secret is present with an empty string.</param>
/// <param name="Scopes">App-ids that may use it; empty means all.</param>
internal sealed record Component(
    string Name, string Type, string Version, IReadOnlyDictionary<string, string> Metadata, IReadOnlyList<string> Scopes)
{
    public bool IsFor(string appId) => Scopes.Count == 0 || Scopes.Contains(appId, StringComparer.Ordinal);

    public string? Get(string name) =>
        Metadata.FirstOrDefault(m => string.Equals(m.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>The part before the first dot: pubsub, state, secretstores, configuration, lock.</summary>
    public string Family => Type.Split('.', 2)[0];
}
