using System.Text.Json.Serialization;

namespace Orchestrator.Worker.Hosting;

/// <summary>What a worker prints on standard output, as one line, once it listens. Everything else it says goes to standard error.</summary>
/// <param name="Node">The node's id.</param>
/// <param name="AppPort">Port for the Dapr sidecar, on loopback.</param>
/// <param name="DataEndpoint"><c>host:port</c> of the data plane.</param>
/// <param name="StreamEndpoint">Base address of the stream API.</param>
/// <param name="CertificateDigest">SHA-256 of the certificate both present.</param>
/// <param name="ProcessId">The process.</param>
public sealed record ReadyLine(string Node, int AppPort, string DataEndpoint, string StreamEndpoint, string CertificateDigest, int ProcessId)
{
    /// <summary>Describes a running node.</summary>
    public static ReadyLine Of(WorkerHost host) =>
        new(host.Node.Value, host.AppPort, host.DataEndpoint, host.StreamEndpoint.AbsoluteUri.TrimEnd('/'), host.CertificateDigest.Value, Environment.ProcessId);
}

/// <summary>JSON of the ready line.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReadyLine))]
public sealed partial class ReadyJson : JsonSerializerContext;
