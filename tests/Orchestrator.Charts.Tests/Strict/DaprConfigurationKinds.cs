#pragma warning disable CA1812 // Made by the YAML reader.

namespace Orchestrator.Charts.Tests.Strict;

internal sealed class DaprConfiguration : DaprObject
{
    public required DaprConfigurationSpec Spec { get; init; }
}

// Without mtls: only the control plane's own configuration says that, and the resource's schema wants an address of Sentry with it.
internal sealed class DaprConfigurationSpec
{
    public DaprTracing? Tracing { get; init; }
    public DaprMetrics? Metrics { get; init; }
    public required DaprAccessControl AccessControl { get; init; }
    public DaprSecrets? Secrets { get; init; }
    public DaprApi? Api { get; init; }
}

internal sealed class DaprTracing
{
    public required string SamplingRate { get; init; }
    public DaprOtel? Otel { get; init; }
}

internal sealed class DaprOtel
{
    public required string EndpointAddress { get; init; }
    public required bool IsSecure { get; init; }
    public required string Protocol { get; init; }
}

internal sealed class DaprMetrics
{
    public required bool Enabled { get; init; }
    public DaprHttpMetrics? Http { get; init; }
}

internal sealed class DaprHttpMetrics
{
    public bool IncreasedCardinality { get; init; }
}

internal sealed class DaprAccessControl
{
    public required string DefaultAction { get; init; }
    public required string TrustDomain { get; init; }
    public required List<DaprAccessPolicy> Policies { get; init; }
}

internal sealed class DaprAccessPolicy
{
    public required string AppId { get; init; }
    public required string Namespace { get; init; }
    public required string TrustDomain { get; init; }
    public required string DefaultAction { get; init; }
}

internal sealed class DaprSecrets
{
    public required List<DaprSecretScope> Scopes { get; init; }
}

internal sealed class DaprSecretScope
{
    public required string StoreName { get; init; }
    public required string DefaultAccess { get; init; }
}

internal sealed class DaprApi
{
    public required List<DaprApiRule> Denied { get; init; }
}

internal sealed class DaprApiRule
{
    public required string Name { get; init; }
    public required string Version { get; init; }
    public required string Protocol { get; init; }
}
