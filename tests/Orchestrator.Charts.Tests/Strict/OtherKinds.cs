#pragma warning disable CA1812 // Made by the YAML reader.

namespace Orchestrator.Charts.Tests.Strict;

internal abstract class CustomObject<T>
{
    public required string ApiVersion { get; init; }
    public required string Kind { get; init; }
    public required ObjectMetadata Metadata { get; init; }
    public required T Spec { get; init; }
}

internal sealed class KedaScaledObject : CustomObject<KedaScaledObjectSpec>;

internal sealed class KedaScaledObjectSpec
{
    public required KedaTarget ScaleTargetRef { get; init; }
    public required int MinReplicaCount { get; init; }
    public required int MaxReplicaCount { get; init; }
    public int PollingInterval { get; init; }
    public int CooldownPeriod { get; init; }
    public KedaFallback? Fallback { get; init; }
    public required List<KedaTrigger> Triggers { get; init; }
}

internal sealed class KedaTarget
{
    public required string Name { get; init; }
}

internal sealed class KedaFallback
{
    public required int FailureThreshold { get; init; }
    public required int Replicas { get; init; }
}

internal sealed class KedaTrigger
{
    public required string Type { get; init; }
    public required Dictionary<string, string> Metadata { get; init; }
    public KedaTarget? AuthenticationRef { get; init; }
}

internal sealed class KedaTriggerAuthentication : CustomObject<KedaTriggerAuthenticationSpec>;

internal sealed class KedaTriggerAuthenticationSpec
{
    public required List<KedaSecretTarget> SecretTargetRef { get; init; }
}

internal sealed class KedaSecretTarget
{
    public required string Parameter { get; init; }
    public required string Name { get; init; }
    public required string Key { get; init; }
}

internal sealed class CertManagerCertificate : CustomObject<CertManagerCertificateSpec>;

internal sealed class CertManagerCertificateSpec
{
    public required string SecretName { get; init; }
    public required CertManagerIssuer IssuerRef { get; init; }
    public required List<string> DnsNames { get; init; }
    public string? Duration { get; init; }
    public string? RenewBefore { get; init; }
    public required List<string> Usages { get; init; }
    public required CertManagerKey PrivateKey { get; init; }
}

internal sealed class CertManagerIssuer
{
    public required string Name { get; init; }
    public required string Kind { get; init; }
    public required string Group { get; init; }
}

internal sealed class CertManagerKey
{
    public required string Algorithm { get; init; }
    public required int Size { get; init; }
    public required string RotationPolicy { get; init; }
}

internal sealed class PodMonitor : CustomObject<PodMonitorSpec>;

internal sealed class PodMonitorSpec
{
    public NamespaceSelector? NamespaceSelector { get; init; }
    public required LabelSelector Selector { get; init; }
    public List<string> PodTargetLabels { get; init; } = [];
    public required List<MetricsEndpoint> PodMetricsEndpoints { get; init; }
}

internal sealed class NamespaceSelector
{
    public required List<string> MatchNames { get; init; }
}

internal sealed class LabelSelector
{
    public required Dictionary<string, string> MatchLabels { get; init; }
}

internal sealed class MetricsEndpoint
{
    public required string Port { get; init; }
    public required string Path { get; init; }
    public required string Interval { get; init; }
}

internal sealed class PrometheusRule : CustomObject<PrometheusRuleSpec>;

internal sealed class PrometheusRuleSpec
{
    public required List<RuleGroup> Groups { get; init; }
}

internal sealed class RuleGroup
{
    public required string Name { get; init; }
    public required List<AlertRule> Rules { get; init; }
}

internal sealed class AlertRule
{
    public required string Alert { get; init; }
    public required string Expr { get; init; }
    public required string For { get; init; }
    public required Dictionary<string, string> Labels { get; init; }
    public required Dictionary<string, string> Annotations { get; init; }
}

internal sealed class HttpRoute : CustomObject<HttpRouteSpec>;

internal sealed class HttpRouteSpec
{
    public required List<Dictionary<string, string>> ParentRefs { get; init; }
    public List<string> Hostnames { get; init; } = [];
    public required List<HttpRouteRule> Rules { get; init; }
}

internal sealed class HttpRouteRule
{
    public required List<HttpRouteMatch> Matches { get; init; }
    public Dictionary<string, string> Timeouts { get; init; } = [];
    public required List<HttpRouteBackend> BackendRefs { get; init; }
}

internal sealed class HttpRouteMatch
{
    public required HttpRoutePath Path { get; init; }
}

internal sealed class HttpRoutePath
{
    public required string Type { get; init; }
    public required string Value { get; init; }
}

internal sealed class HttpRouteBackend
{
    public required string Name { get; init; }
    public required int Port { get; init; }
}
