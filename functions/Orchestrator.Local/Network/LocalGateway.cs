using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Tls;

namespace Orchestrator.Local;

/// <summary>One gateway process of a local network.</summary>
/// <param name="Name">Process name, e.g. <c>gateway-1</c>.</param>
/// <param name="NodePort">Loopback port that nodes dial.</param>
/// <param name="HealthPort">Loopback port of its health checks.</param>
/// <param name="Certificate">What nodes pin; the same for every gateway.</param>
public sealed record LocalGateway(string Name, int NodePort, int HealthPort, Digest Certificate)
{
    /// <summary>Dapr app-id of all gateways.</summary>
    public const string AppId = "gateway";

    /// <summary>What nodes dial.</summary>
    public Uri Address => new($"https://127.0.0.1:{NodePort}");

    /// <summary>The gateway with a 1-based number; the certificate is made at first start.</summary>
    public static LocalGateway Create(int number, NetworkFolder folder, Queue<int> ports, DateTimeOffset now) => new(
        $"{AppId}-{number}",
        ports.Dequeue(),
        ports.Dequeue(),
        ServerCertificate.LoadOrCreate(CertificateFile(folder), KeyFile(folder), ["127.0.0.1"], now).Digest);

    /// <summary>The gateway's configuration.</summary>
    /// <param name="folder">The network's.</param>
    /// <param name="api">The control plane's API.</param>
    /// <param name="relayPort">Loopback port of its relay; null without one.</param>
    /// <param name="platformKey">The platform's public key.</param>
    public JsonObject ToJson(NetworkFolder folder, Uri api, int? relayPort, string platformKey) => new()
    {
        ["ListenAddress"] = "127.0.0.1",
        [nameof(NodePort)] = NodePort,
        [nameof(HealthPort)] = HealthPort,
        ["CertificateFile"] = CertificateFile(folder),
        ["CertificateKeyFile"] = KeyFile(folder),
        ["TokenKeyFile"] = folder.GatewayTokenKey,
        ["BlobFolder"] = folder.Blobs,
        ["AnswerUrl"] = new Uri(api, "api/demands").ToString(),
        ["Relay"] = new JsonObject { ["Enabled"] = relayPort is not null, ["Port"] = relayPort ?? 0, ["PlatformKey"] = platformKey },
        ["StopWhenInputCloses"] = true,
    };

    private static string CertificateFile(NetworkFolder folder) => Path.Combine(folder.Gateway, "tls.crt");

    private static string KeyFile(NetworkFolder folder) => Path.Combine(folder.Gateway, "tls.key");
}
