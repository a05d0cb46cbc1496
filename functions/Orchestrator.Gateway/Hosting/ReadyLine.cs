using System.Text.Json.Serialization;

namespace Orchestrator.Gateway.Hosting;

/// <summary>What a gateway prints on standard output, as one line, once it listens. Everything else it says goes to standard error.</summary>
/// <param name="NodePort">Port of the nodes.</param>
/// <param name="HealthPort">Port of the health checks.</param>
/// <param name="CertificateDigest">SHA-256 of the certificate it shows, for nodes that pin it.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="RelayPort">Port of the relay; null without one.</param>
public sealed record ReadyLine(int NodePort, int HealthPort, string CertificateDigest, int ProcessId, int? RelayPort)
{
    /// <summary>Describes a running gateway.</summary>
    public static ReadyLine Of(GatewayHost host) => new(host.NodePort, host.HealthPort, host.CertificateDigest.Value, Environment.ProcessId, host.RelayPort);
}

/// <summary>JSON of the ready line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReadyLine))]
public sealed partial class ReadyJson : JsonSerializerContext;
