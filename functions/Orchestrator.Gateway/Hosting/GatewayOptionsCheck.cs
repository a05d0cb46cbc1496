using System.Net;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Hosting;

/// <summary>What must hold for <see cref="GatewayOptions"/>.</summary>
public static class GatewayOptionsCheck
{
    private static readonly TimeSpan SidecarTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Everything that is wrong, each with its fix; empty when the options can be used.</summary>
    public static IReadOnlyList<string> Errors(GatewayOptions o)
    {
        var errors = new List<string>();
        void Require(bool valid, string error)
        {
            if (!valid)
                errors.Add(error);
        }

        void Within(string name, TimeSpan value, TimeSpan least, TimeSpan most) =>
            Require(value >= least && value <= most, $"Gateway:{name} must lie in {least:c}..{most:c}, not {value:c}.");

        Require(o.ListenAddress.Length == 0 || IPAddress.TryParse(o.ListenAddress, out _), "Gateway:ListenAddress must be an IP address, or empty for every address.");
        foreach (var (name, port) in new[] { (nameof(o.NodePort), o.NodePort), (nameof(o.HealthPort), o.HealthPort) })
            Require(port is >= 0 and <= 65_535, $"Gateway:{name} must lie in 0..65535; 0 takes any free port.");
        Require(o.CertificateFile.Length > 0 && o.CertificateKeyFile.Length > 0, "Gateway:CertificateFile and Gateway:CertificateKeyFile are missing: set both to PEM files, e.g. tls.crt and tls.key of a cert-manager secret.");
        if (o is { CertificateFile.Length: > 0, CertificateKeyFile.Length: > 0, SelfSigned: false })
        {
            foreach (string file in new[] { o.CertificateFile, o.CertificateKeyFile }.Where(f => !File.Exists(f)))
                errors.Add($"{file} does not exist: mount the certificate there, or set Gateway:SelfSigned to make one that nodes pin.");
        }

        Require(o.Names.All(n => n.Length is > 0 and <= GatewayLogin.LongestAudience && Uri.CheckHostName(n) != UriHostNameType.Unknown), "Gateway:Names must be host names or IP addresses.");
        Require(o.TokenKeyFile is null || (File.Exists(o.TokenKeyFile) && new FileInfo(o.TokenKeyFile).Length is >= 32 and <= 4096), "Gateway:TokenKeyFile must be a file of 32 to 4096 bytes: write a random secret to it, the same for every replica.");
        Within(nameof(o.TokenLifetime), o.TokenLifetime, TimeSpan.FromSeconds(30), TimeSpan.FromHours(12));
        Within(nameof(o.LoginPatience), o.LoginPatience, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
        Within(nameof(o.ClockSkew), o.ClockSkew, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Within(nameof(o.Lease), o.Lease, TimeSpan.FromMilliseconds(100), SidecarTimeout);
        Within(nameof(o.PingInterval), o.PingInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Require(o.Silence >= o.PingInterval * 2, "Gateway:Silence must be at least twice Gateway:PingInterval: one lost ping is no death.");
        Require(o.MaxInFlight is > 0 and <= 1024, "Gateway:MaxInFlight must lie in 1..1024.");
        Require(o.MaxNodes is > 0 and <= 100_000, "Gateway:MaxNodes must lie in 1..100000.");
        Require(o.RegisteredShare is >= 0 and < 1, "Gateway:RegisteredShare must be 0 or more and below 1: new nodes need places too.");
        Require(o.MaxNodesPerAddress > 0, "Gateway:MaxNodesPerAddress must be above 0.");
        Require(o.NewNodesPerAddress >= o.MaxNodesPerAddress, "Gateway:NewNodesPerAddress must be no less than Gateway:MaxNodesPerAddress: after a restart all of an address's nodes are new.");
        Require(o.NewNodes >= o.MaxNodes, "Gateway:NewNodes must be no less than Gateway:MaxNodes: after a restart all nodes are new.");
        Require(o.MaxConnectionsPerAddress >= o.MaxNodesPerAddress, "Gateway:MaxConnectionsPerAddress must be no less than Gateway:MaxNodesPerAddress: each node has a connection or more.");
        Require(o.PublishesPerSecond > 0 && o.PublishBurst >= o.PublishesPerSecond, "Gateway:PublishesPerSecond must be positive and Gateway:PublishBurst no less.");
        Require(o.PublishBytesPerSecond > 0 && o.PublishBytesBurst >= SignedMessage.MaxPayload * 2, $"Gateway:PublishBytesPerSecond must be positive and Gateway:PublishBytesBurst at least {SignedMessage.MaxPayload * 2}: the largest message must pass.");
        Require(o.DownloadsPerNode is > 0 and <= 1024, "Gateway:DownloadsPerNode must lie in 1..1024.");
        Require(o.BlobFolder is { Length: > 0 } != o.BlobUrl is not null, "Set either Gateway:BlobFolder or Gateway:BlobUrl, not both.");
        Require(o.BlobUrl is null || (o.BlobUrl.IsAbsoluteUri && o.BlobUrl.Scheme is "http" or "https"), "Gateway:BlobUrl must be an absolute http or https address, e.g. http://control-plane:8080/api/blobs.");
        Require(o.BlobKeyFile is null || File.Exists(o.BlobKeyFile), $"Gateway:BlobKeyFile {o.BlobKeyFile} does not exist: mount the secret with an API key of role admin.");
        Require(o.AnswerUrl is null || (o.AnswerUrl.IsAbsoluteUri && o.AnswerUrl.Scheme is "http" or "https"), "Gateway:AnswerUrl must be an absolute http or https address, e.g. http://control-plane:8080/api/demands.");
        Require(o.NodesUrl is null || (o.NodesUrl.IsAbsoluteUri && o.NodesUrl.Scheme is "http" or "https"), "Gateway:NodesUrl must be an absolute http or https address, e.g. http://control-plane:8080/api/nodes.");
        Require(o.MaxAnswerBytes >= 1 << 20, "Gateway:MaxAnswerBytes must be at least 1 MiB: nodes that cannot answer demands of evidence are taken to withhold it.");
        Within(nameof(o.DrainGrace), o.DrainGrace, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        Within(nameof(o.ReconnectSpread), o.ReconnectSpread, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (o.Relay.Enabled)
        {
            Require(o.Relay.Platform is not null, $"Gateway:Relay:PlatformKey {PublicKeyText.Fix}");
            Require(o.Relay.Port == 0 || (o.Relay.Port != o.NodePort && o.Relay.Port != o.HealthPort), "Gateway:Relay:Port must differ from Gateway:NodePort and Gateway:HealthPort.");
            errors.AddRange(o.Relay.For(IPAddress.Any).Validate().Select(e => $"Gateway:{e}"));
        }

        return errors;
    }
}
