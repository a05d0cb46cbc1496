using System.Text.RegularExpressions;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Components;

/// <summary>What a component file may say: the metadata Dapr documents for its type, and secrets by reference only.</summary>
internal static partial class ComponentRules
{
    private static readonly string[] State = ["actorStateStore", "keyPrefix"];

    // Only what a type documents: Dapr ignores a misspelled name without a word.
    private static readonly Dictionary<string, string[]> Documented = new(StringComparer.Ordinal)
    {
        ["pubsub.redis v1"] =
            ["redisHost", "redisPassword", "redisUsername", "enableTLS", "useEntraID", "consumerID", "processingTimeout", "redeliverInterval", "queueDepth", "concurrency", "maxLenApprox"],
        ["pubsub.rabbitmq v1"] =
        [
            "connectionString", "caCert", "clientCert", "clientKey", "saslExternal", "durable", "deletedWhenUnused", "deliveryMode", "publisherConfirm", "requeueInFailure",
            "prefetchCount", "concurrency", "enableDeadLetter",
        ],
        ["pubsub.azure.servicebus.topics v1"] =
        [
            "connectionString", "namespaceName", "consumerID", "disableEntityManagement", "maxActiveMessages", "maxConcurrentHandlers", "lockDurationInSec", "lockRenewalInSec",
            "maxDeliveryCount", "defaultMessageTimeToLiveInSec", "autoDeleteOnIdleInSec", "azureClientId",
        ],
        ["state.redis v1"] = ["redisHost", "redisPassword", "redisUsername", "enableTLS", "useEntraID", .. State],
        ["state.postgresql v2"] = ["connectionString", "tablePrefix", "cleanupInterval", .. State],
        ["state.azure.cosmosdb v1"] = ["url", "masterKey", "database", "collection", "azureClientId", .. State],
        ["secretstores.kubernetes v1"] = [],
    };

    private static readonly string[] Secret = ["redisPassword", "connectionString", "masterKey", "clientKey", "clientCert"];

    public static IReadOnlyList<string> Problems(object? component)
    {
        var problems = new List<string>();
        var type = $"{Yaml.Text(component, "spec", "type")} {Yaml.Text(component, "spec", "version")}";
        if (!Documented.TryGetValue(type, out var documented))
            return [$"type '{type}' is not one that the profiles use"];
        foreach (var item in Yaml.List(component, "spec", "metadata"))
            problems.AddRange(Problems(item, type, documented, Yaml.Text(component, "auth", "secretStore")));
        if (type.StartsWith("state.", StringComparison.Ordinal) && State.Any(name => !Yaml.List(component, "spec", "metadata").Any(i => Yaml.Text(i, "name") == name)))
            problems.Add($"a state store says {string.Join(" and ", State)}");
        return problems;
    }

    private static IEnumerable<string> Problems(object? item, string type, string[] documented, string? secretStore)
    {
        var name = Yaml.Text(item, "name") ?? "";
        var value = Yaml.Text(item, "value");
        var byReference = Yaml.Text(item, "secretKeyRef", "name") is { Length: > 0 } && Yaml.Text(item, "secretKeyRef", "key") is { Length: > 0 };
        if (!documented.Contains(name, StringComparer.Ordinal))
            yield return $"{type} has no metadata '{name}'";
        if (value is null == !byReference)
            yield return $"'{name}' needs either a value or a whole secretKeyRef";
        if (Secret.Contains(name) && !byReference)
            yield return $"'{name}' is a secret: refer to it";
        if (byReference && secretStore != "secretstore")
            yield return $"'{name}' refers to a secret, so auth.secretStore must be 'secretstore'";
        if (value is not null && Credential().IsMatch(value))
            yield return $"'{name}' looks like a credential";
    }

    [GeneratedRegex("password=|pwd=|AccountKey=|SharedAccessKey=|://[^/]*:[^/]*@", RegexOptions.IgnoreCase)]
    private static partial Regex Credential();
}
