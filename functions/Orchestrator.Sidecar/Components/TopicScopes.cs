namespace Orchestrator.Sidecar.Components;

/// <summary>
/// Who may publish and subscribe to which topics of a pub/sub component: <c>allowedTopics</c>, <c>protectedTopics</c>,
/// <c>publishingScopes</c> and <c>subscriptionScopes</c>, in Dapr's meaning.
/// </summary>
internal sealed class TopicScopes
{
    private readonly HashSet<string> _allowed;
    private readonly HashSet<string> _protected;
    private readonly Dictionary<string, HashSet<string>> _publish;
    private readonly Dictionary<string, HashSet<string>> _subscribe;

    public TopicScopes(Component component)
    {
        _allowed = Topics(component.Get("allowedTopics"));
        _protected = Topics(component.Get("protectedTopics"));
        _publish = Scopes(component.Get("publishingScopes"));
        _subscribe = Scopes(component.Get("subscriptionScopes"));
    }

    public bool MayPublish(string appId, string topic) => May(_publish, appId, topic);

    public bool MaySubscribe(string appId, string topic) => May(_subscribe, appId, topic);

    private bool May(Dictionary<string, HashSet<string>> scopes, string appId, string topic)
    {
        if (_allowed.Count > 0 && !_allowed.Contains(topic) && !_protected.Contains(topic))
        {
            return false;
        }
        // An app that is not named may use any topic but the protected ones; one that is named, only what it names.
        return scopes.TryGetValue(appId, out var named) ? named.Contains(topic) : !_protected.Contains(topic);
    }

    private static HashSet<string> Topics(string? list) =>
        [.. (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static Dictionary<string, HashSet<string>> Scopes(string? text)
    {
        var scopes = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var part in (text ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var sides = part.Split('=', 2, StringSplitOptions.TrimEntries);
            if (!scopes.TryGetValue(sides[0], out var topics))
            {
                scopes[sides[0]] = topics = [];
            }
            topics.UnionWith(Topics(sides.Length == 2 ? sides[1] : ""));
        }
        return scopes;
    }
}
