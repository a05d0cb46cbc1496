using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Tls;

namespace Orchestrator.Local;

/// <summary>One gateway process of a local network.</summary>
/// <param name="Name">Process name, e.g. <c>gateway-1</c>.</param>
/// <param name="Host">Name or address that nodes dial; on 127.0.0.1 the gateway listens there only, otherwise on every address.</param>
/// <param name="NodePort">Port that nodes dial.</param>
/// <param name="HealthPort">Loopback port of its health checks.</param>
/// <param name="Certificate">What nodes pin; the same for every gateway.</param>
public sealed record LocalGateway(string Name, string Host, int NodePort, int HealthPort, Digest Certificate)
{
    /// <summary>Dapr app-id of all gateways.</summary>
    public const string AppId = "gateway";

    private const string Loopback = "127.0.0.1";

    /// <summary>What nodes dial.</summary>
    public Uri Address => new UriBuilder(Uri.UriSchemeHttps, Host, NodePort).Uri;

    /// <summary>A gateway for this machine, by its 1-based number; the certificate is made at first start.</summary>
    public static LocalGateway Create(int number, NetworkFolder folder, Queue<int> ports, DateTimeOffset now) => Create(number, Loopback, ports.Dequeue(), folder, ports, now);

    /// <summary>The gateway that other machines dial at a name or address and a port.</summary>
    public static LocalGateway CreateAt(string host, int port, NetworkFolder folder, Queue<int> ports, DateTimeOffset now) => Create(1, host, port, folder, ports, now);

    /// <summary>The gateway's configuration.</summary>
    /// <param name="folder">The network's.</param>
    /// <param name="api">The control plane's API.</param>
    /// <param name="relayPort">Port of its relay; null without one.</param>
    /// <param name="platformKey">The platform's public key.</param>
    public JsonObject ToJson(NetworkFolder folder, Uri api, int? relayPort, string platformKey) => new()
    {
        ["ListenAddress"] = Host == Loopback ? Loopback : "",
        ["Names"] = new JsonArray(Host),
        [nameof(NodePort)] = NodePort,
        [nameof(HealthPort)] = HealthPort,
        ["CertificateFile"] = CertificateFile(folder),
        ["CertificateKeyFile"] = KeyFile(folder),
        ["TokenKeyFile"] = folder.GatewayTokenKey,
        ["BlobFolder"] = folder.Blobs,
        ["NodesUrl"] = new Uri(api, "api/nodes").ToString(),
        ["AnswerUrl"] = new Uri(api, "api/demands").ToString(),
        ["Relay"] = new JsonObject { ["Enabled"] = relayPort is not null, ["Port"] = relayPort ?? 0, ["PlatformKey"] = platformKey },
        ["StopWhenInputCloses"] = true,
    };

    private static LocalGateway Create(int number, string host, int port, NetworkFolder folder, Queue<int> ports, DateTimeOffset now) => new(
        $"{AppId}-{number}",
        host,
        port,
        ports.Dequeue(),
        ServerCertificate.LoadOrCreate(CertificateFile(folder), KeyFile(folder), [Loopback, host], now).Digest);

    private static string CertificateFile(NetworkFolder folder) => Path.Combine(folder.Gateway, "tls.crt");

    private static string KeyFile(NetworkFolder folder) => Path.Combine(folder.Gateway, "tls.key");
}
