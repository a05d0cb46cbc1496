using System.Text.Json;
using Orchestrator.Sidecar.Cel;
using Orchestrator.Sidecar.Components;

namespace Orchestrator.Sidecar.PubSub;

/// <summary>The rules of one subscription, ready to use.</summary>
internal sealed class Routes
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 256 };

    private readonly List<(CelExpression? Match, string Path)> _rules = [];
    private readonly string? _fallback;

    public Routes(SubscriptionSpec spec)
    {
        _fallback = spec.DefaultRoute;
        foreach (var rule in spec.Rules)
        {
            // A rule without expression always holds; one that cannot be read never does.
            if (rule.Match.Length == 0)
            {
                _rules.Add((null, rule.Path));
            }
            else if (CelExpression.TryParse(rule.Match, out _) is { } match)
            {
                _rules.Add((match, rule.Path));
            }
        }
    }

    /// <summary>The path to post to, or null when no rule holds and there is no default.</summary>
    public string? For(ReadOnlyMemory<byte> cloudEvent)
    {
        if (_rules.Count == 0)
        {
            return _fallback;
        }
        try
        {
            using var json = JsonDocument.Parse(cloudEvent, Deep);
            foreach (var (match, path) in _rules)
            {
                if (match is null || match.Matches(json.RootElement))
                {
                    return path;
                }
            }
        }
        catch (JsonException)
        {
            return null;
        }
        return _fallback;
    }
}
