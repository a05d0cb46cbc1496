#pragma warning disable CA1812 // Made by the YAML reader.

namespace Orchestrator.Charts.Tests.Strict;

internal sealed class ObjectMetadata
{
    public required string Name { get; init; }
    public required string Namespace { get; init; }
    public Dictionary<string, string> Labels { get; init; } = [];
    public Dictionary<string, string> Annotations { get; init; } = [];
}

internal abstract class DaprObject
{
    public required string ApiVersion { get; init; }
    public required string Kind { get; init; }
    public required ObjectMetadata Metadata { get; init; }
    public List<string> Scopes { get; init; } = [];
}

internal sealed class DaprComponent : DaprObject
{
    public required DaprComponentSpec Spec { get; init; }
    public DaprAuth? Auth { get; init; }
}

internal sealed class DaprAuth
{
    public required string SecretStore { get; init; }
}

internal sealed class DaprComponentSpec
{
    public required string Type { get; init; }
    public required string Version { get; init; }
    public string? InitTimeout { get; init; }
    public bool? IgnoreErrors { get; init; }
    public required List<DaprMetadataItem> Metadata { get; init; }
}

internal sealed class DaprMetadataItem
{
    public required string Name { get; init; }
    public string? Value { get; init; }
    public DaprSecretKey? SecretKeyRef { get; init; }
}

internal sealed class DaprSecretKey
{
    public required string Name { get; init; }
    public required string Key { get; init; }
}

internal sealed class DaprSubscription : DaprObject
{
    public required DaprSubscriptionSpec Spec { get; init; }
}

internal sealed class DaprSubscriptionSpec
{
    public required string Pubsubname { get; init; }
    public required string Topic { get; init; }
    public required string DeadLetterTopic { get; init; }
    public required DaprRoutes Routes { get; init; }
}

internal sealed class DaprRoutes
{
    public required string Default { get; init; }
}

internal sealed class DaprResiliency : DaprObject
{
    public required DaprResiliencySpec Spec { get; init; }
}

internal sealed class DaprResiliencySpec
{
    public required DaprPolicies Policies { get; init; }
    public required DaprTargets Targets { get; init; }
}

internal sealed class DaprPolicies
{
    public Dictionary<string, string> Timeouts { get; init; } = [];
    public Dictionary<string, DaprRetry> Retries { get; init; } = [];
    public Dictionary<string, DaprCircuitBreaker> CircuitBreakers { get; init; } = [];
}

internal sealed class DaprRetry
{
    public required string Policy { get; init; }
    public string? Duration { get; init; }
    public string? MaxInterval { get; init; }
    public int? MaxRetries { get; init; }
}

internal sealed class DaprCircuitBreaker
{
    public int? MaxRequests { get; init; }
    public string? Interval { get; init; }
    public string? Timeout { get; init; }
    public string? Trip { get; init; }
}

internal sealed class DaprTargets
{
    public Dictionary<string, DaprPolicyNames> Apps { get; init; } = [];
    public Dictionary<string, DaprPolicyNames> Actors { get; init; } = [];
    public Dictionary<string, DaprComponentTarget> Components { get; init; } = [];
}

internal sealed class DaprComponentTarget
{
    public DaprPolicyNames? Inbound { get; init; }
    public DaprPolicyNames? Outbound { get; init; }
}

internal sealed class DaprPolicyNames
{
    public string? Timeout { get; init; }
    public string? Retry { get; init; }
    public string? CircuitBreaker { get; init; }
    public string? CircuitBreakerScope { get; init; }
    public int? CircuitBreakerCacheSize { get; init; }
}
