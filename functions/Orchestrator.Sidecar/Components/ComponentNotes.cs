using Microsoft.Extensions.Logging;

namespace Orchestrator.Sidecar.Components;

/// <summary>Says what of a components folder means nothing here, so that nobody believes that it works.</summary>
internal static partial class ComponentNotes
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["pubsub"] = ["allowedTopics", "protectedTopics", "publishingScopes", "subscriptionScopes"],
        ["state"] = ["actorStateStore", "keyPrefix"],
        ["secretstores"] = ["secretsFile", "nestedSeparator"],
        ["configuration"] = ["file"],
        ["lock"] = [],
    };

    public static void Write(ComponentSet set, ILogger log)
    {
        foreach (var component in set.Components)
        {
            if (!Known.TryGetValue(component.Family, out var known))
            {
                Unsupported(log, component.Name, component.Type);
                continue;
            }
            var ignored = component.Metadata.Keys.Where(k => !known.Contains(k, StringComparer.OrdinalIgnoreCase)).ToList();
            if (ignored.Count > 0)
            {
                Ignored(log, component.Name, component.Type, string.Join(", ", ignored));
            }
        }
        foreach (var pubSub in set.Components.Where(c => c.Family == "pubsub" && set.Resiliencies.All(r => !r.Inbound.ContainsKey(c.Name))))
        {
            NoRetry(log, pubSub.Name);
        }
    }

    [LoggerMessage(301, LogLevel.Warning, "Component {Name} ({Type}) is of a kind that the local sidecar does not have: calls to it fail")]
    private static partial void Unsupported(ILogger log, string name, string type);

    [LoggerMessage(302, LogLevel.Warning, "Component {Name} ({Type}) is kept locally; ignored metadata: {Ignored}")]
    private static partial void Ignored(ILogger log, string name, string type, string ignored);

    [LoggerMessage(303, LogLevel.Warning, "Pubsub {Name} has no inbound retry: one failed delivery loses a message. Add a Resiliency that names it under targets.components")]
    private static partial void NoRetry(ILogger log, string name);
}
