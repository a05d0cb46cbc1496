using Orchestrator.Sidecar.Cel;
using Orchestrator.Sidecar.Time;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Sidecar.Components;

/// <summary>Turns the YAML documents of a components folder into records. Kinds it does not use (Configuration, HTTPEndpoint) are skipped.</summary>
internal static class ComponentReader
{
    private const int LargestFileBytes = 1 << 20;

    /// <summary>Reads every <c>*.yaml</c> and <c>*.yml</c> in a folder, in name order. A missing folder is an error.</summary>
    public static ComponentSet ReadFolder(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ComponentException($"components folder '{folder}' does not exist: create it or point ComponentsDirectory at the folder with pubsub.yaml");
        }
        var set = new ComponentSet();
        foreach (var file in Directory.EnumerateFiles(folder, "*.y*ml").Order(StringComparer.Ordinal))
        {
            if (new FileInfo(file).Length > LargestFileBytes)
            {
                throw new ComponentException($"{Path.GetFileName(file)} is larger than 1 MiB: not a component file");
            }
            set = Read(File.ReadAllText(file), Path.GetFileName(file), set);
        }
        return set;
    }

    /// <exception cref="ComponentException">The text is not YAML, or not what its kind demands.</exception>
    public static ComponentSet Read(string yaml, string name, ComponentSet set)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new StringReader(yaml));
        }
        catch (YamlException e)
        {
            throw new ComponentException($"{name} is not valid YAML at line {e.Start.Line}: {e.Message}", e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException)
        {
            throw new ComponentException($"{name} is not valid YAML: {e.Message}", e);
        }
        foreach (var document in stream.Documents)
        {
            var root = new YamlView(document.RootNode, name);
            if (root.Exists)
            {
                set = Add(root, set);
            }
        }
        return set;
    }

    private static ComponentSet Add(YamlView root, ComponentSet set) => root["kind"].Required switch
    {
        "Component" => AddComponent(set, Component(root)),
        "Subscription" => set with { Subscriptions = [.. set.Subscriptions, Subscription(root)] },
        "Resiliency" => set with { Resiliencies = [.. set.Resiliencies, Resiliency(root)] },
        _ => set,
    };

    private static ComponentSet AddComponent(ComponentSet set, Component component) =>
        set.Components.Any(c => c.Name == component.Name)
            ? throw new ComponentException($"component '{component.Name}' is defined twice: names must be unique in the folder")
            : set with { Components = [.. set.Components, component] };

    private static Component Component(YamlView root)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in root["spec"]["metadata"].Items)
        {
            metadata[item["name"].Required] = item["value"].Text ?? "";
        }
        return new Component(
            root["metadata"]["name"].Required,
            root["spec"]["type"].Required,
            root["spec"]["version"].Text ?? "v1",
            metadata,
            root["scopes"].Texts);
    }

    private static SubscriptionSpec Subscription(YamlView root)
    {
        var spec = root["spec"];
        var routes = spec["routes"];
        // v1alpha1 has one route, v2alpha1 rules and a default.
        var fallback = routes["default"].Text ?? spec["route"].Text;
        var rules = routes["rules"].Items.Select(r => new RouteRule(r["match"].Text ?? "", r["path"].Required)).ToList();
        foreach (var rule in rules)
        {
            if (rule.Match.Length > 0 && CelExpression.TryParse(rule.Match, out var error) is null)
            {
                throw new ComponentException($"subscription '{root["metadata"]["name"].Text}': match '{rule.Match}': {error}");
            }
        }
        if (fallback is null && rules.Count == 0)
        {
            throw new ComponentException($"subscription '{root["metadata"]["name"].Text}' has no route: give spec.routes.default");
        }
        return new SubscriptionSpec(
            spec["pubsubname"].Required,
            spec["topic"].Required,
            rules,
            fallback,
            spec["deadLetterTopic"].Text,
            spec["metadata"]["rawPayload"].Flag,
            spec["bulkSubscribe"]["enabled"].Flag,
            root["scopes"].Texts);
    }

    private static ResiliencySpec Resiliency(YamlView root)
    {
        var policies = root["spec"]["policies"];
        var retries = policies["retries"].Entries.ToDictionary(e => e.Key, e => Retry(e.Value), StringComparer.Ordinal);
        var timeouts = policies["timeouts"].Entries.ToDictionary(e => e.Key, e => Duration(e.Value), StringComparer.Ordinal);
        var inbound = new Dictionary<string, InboundPolicy>(StringComparer.Ordinal);
        foreach (var (name, target) in root["spec"]["targets"]["components"].Entries)
        {
            var view = target["inbound"];
            if (view.Exists)
            {
                inbound[name] = new InboundPolicy(
                    Named(view["retry"], retries) ?? RetryPolicy.None,
                    view["timeout"].Exists ? Named(view["timeout"], timeouts) : null);
            }
        }
        return new ResiliencySpec(inbound, root["scopes"].Texts);
    }

    private static T? Named<T>(YamlView reference, Dictionary<string, T> policies) =>
        reference.Text is not { } name ? default
        : policies.TryGetValue(name, out var policy) ? policy
        : throw reference.Wrong($"the name of a policy, one of: {string.Join(", ", policies.Keys)}");

    private static RetryPolicy Retry(YamlView view)
    {
        var exponential = view["policy"].Text switch
        {
            null or "constant" => false,
            "exponential" => true,
            _ => throw view["policy"].Wrong("'constant' or 'exponential'"),
        };
        return new RetryPolicy(
            exponential,
            // Dapr's defaults: 5 s between constant retries; 500 ms first and 60 s at most for exponential ones.
            view["duration"].Exists ? Duration(view["duration"]) : exponential ? TimeSpan.FromMilliseconds(500) : TimeSpan.FromSeconds(5),
            view["maxInterval"].Exists ? Duration(view["maxInterval"]) : TimeSpan.FromSeconds(60),
            view["maxRetries"].Number ?? -1);
    }

    private static TimeSpan Duration(YamlView view) =>
        DaprDuration.TryParse(view.Required, out var value) && value >= TimeSpan.Zero ? value : throw view.Wrong("a duration such as 5s");
}
