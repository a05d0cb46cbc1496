using System.Net;

namespace Orchestrator.Gateway.Hosting;

/// <summary>How a gateway runs; read from section <c>Gateway</c> of the configuration (<c>Gateway__NodePort</c> in the environment).</summary>
public sealed record GatewayOptions
{
    /// <summary>Address to listen on; empty takes every address of the machine.</summary>
    public string ListenAddress { get; init; } = "";

    /// <summary>Port of the nodes: gRPC over TLS, and blobs. 0 takes any free one. Default 8443.</summary>
    public int NodePort { get; init; } = 8443;

    /// <summary>Port of <c>/healthz</c> and <c>/readyz</c>, plain HTTP. 0 takes any free one. Default 8080.</summary>
    public int HealthPort { get; init; } = 8080;

    /// <summary>PEM file of the server's certificate and its chain, as cert-manager writes <c>tls.crt</c>. Read again when it changes. Required.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>PEM file of the certificate's private key, as cert-manager writes <c>tls.key</c>. Required.</summary>
    public string CertificateKeyFile { get; init; } = "";

    /// <summary>Make a self-signed certificate when the two files are missing. Nodes must then pin its digest, which the ready line tells.</summary>
    public bool SelfSigned { get; init; }

    /// <summary>Host names under which nodes dial this gateway, beyond those in its certificate. A self-signed certificate is made for them.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>
    /// File with the secret that signs session tokens, at least 32 characters; replicas share it, so that a node's downloads may meet another replica than
    /// its stream. Null makes one for this process.
    /// </summary>
    public string? TokenKeyFile { get; init; }

    /// <summary>How long a session token is good. Default 10 min.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a connection may take to log in, and a challenge be answered. Default 20 s.</summary>
    public TimeSpan LoginPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How far a node's clock may be off. Default 2 min.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a node may take to settle a delivery before the broker delivers it again. Below the sidecar's delivery timeout (30 s). Default 10 s.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Most deliveries of a node that wait to be settled. Default 16.</summary>
    public int MaxInFlight { get; init; } = 16;

    /// <summary>Time between pings. Default 5 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a node, or for the node its gateway, is taken for dead. Default 15 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Most nodes with a stream at a time. Default 2000.</summary>
    public int MaxNodes { get; init; } = 2000;

    /// <summary>
    /// Share of <see cref="MaxNodes"/> that only nodes get which the control plane has registered; the rest is open to every key. Below 1: nodes register once they
    /// are in. Default 0.5.
    /// </summary>
    public double RegisteredShare { get; init; } = 0.5;

    /// <summary>
    /// Most nodes with a stream that come from one address (an IPv6 /64 counts as one). Raise it where a NAT or a load balancer that hides addresses is in front.
    /// Default 100.
    /// </summary>
    public int MaxNodesPerAddress { get; init; } = 100;

    /// <summary>
    /// Nodes of one address that were not at this gateway within the last hour: so many at once, and again each hour. At least <see cref="MaxNodesPerAddress"/>, since
    /// after a restart of the gateway all are new. Default 200.
    /// </summary>
    public int NewNodesPerAddress { get; init; } = 200;

    /// <summary>The same for all addresses together, at least <see cref="MaxNodes"/>. Default 4000.</summary>
    public int NewNodes { get; init; } = 4000;

    /// <summary>Most connections to the nodes' port from one address, counted likewise; those beyond are closed before TLS. Default 400.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 400;

    /// <summary>Messages a node may publish a second, for long. Default 50.</summary>
    public int PublishesPerSecond { get; init; } = 50;

    /// <summary>Messages a node may publish at once. Default 200.</summary>
    public int PublishBurst { get; init; } = 200;

    /// <summary>Bytes a node may publish a second, for long. Default 4 MiB.</summary>
    public int PublishBytesPerSecond { get; init; } = 4 << 20;

    /// <summary>Bytes a node may publish at once; at least one message of 1 MiB. Default 16 MiB.</summary>
    public int PublishBytesBurst { get; init; } = 16 << 20;

    /// <summary>Downloads a node may have open. Default 4.</summary>
    public int DownloadsPerNode { get; init; } = 4;

    /// <summary>Folder of the blob store; this or <see cref="BlobUrl"/>.</summary>
    public string? BlobFolder { get; init; }

    /// <summary>Where blobs are read, <c>GET {base}/{digest}</c>: the control plane's <c>/api/blobs</c>.</summary>
    public Uri? BlobUrl { get; init; }

    /// <summary>File with the bearer token for <see cref="BlobUrl"/>: an API key of role admin at the control plane. Null sends none.</summary>
    public string? BlobKeyFile { get; init; }

    /// <summary>
    /// Where answers of nodes to public demands of evidence go on to, <c>POST {base}/{demand}/answer</c>: the control plane's <c>/api/demands</c>. Null asks the sidecar
    /// to invoke app <c>control-plane</c>; Dapr's own limit on bodies, 4 MiB unless raised, then holds as well.
    /// </summary>
    public Uri? AnswerUrl { get; init; }

    /// <summary>
    /// Where the gateway asks whether a node that wants blobs is registered, <c>GET {base}/{node}/registration</c>: the control plane's <c>/api/nodes</c>. Null asks the
    /// sidecar to invoke app <c>control-plane</c>.
    /// </summary>
    public Uri? NodesUrl { get; init; }

    /// <summary>Largest answer to a demand that is passed on. Default 2 GiB; the control plane takes what the receipt allows and no more.</summary>
    public long MaxAnswerBytes { get; init; } = 2L << 30;

    /// <summary>Longest wait at a stop for deliveries to be settled. Default 5 s.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>At a stop nodes are asked to come back spread over this time, so that the other replicas are not overrun. Default 3 s.</summary>
    public TimeSpan ReconnectSpread { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>The relay of the data plane, on a port of its own.</summary>
    public GatewayRelayOptions Relay { get; init; } = new();

    /// <summary>Stop when standard input ends: a supervisor that dies takes the gateway along.</summary>
    public bool StopWhenInputCloses { get; init; }

    internal int PlacesForStrangers => MaxNodes - (int)(MaxNodes * RegisteredShare);

    internal IPAddress Address => ListenAddress.Length == 0 ? IPAddress.IPv6Any : IPAddress.Parse(ListenAddress);
}
