using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Worker.Gateway;

namespace Orchestrator.Worker.Hosting;

/// <summary>How a node runs; read from section <c>Worker</c> of the configuration.</summary>
public sealed record WorkerOptions
{
    /// <summary>File with the node's Ed25519 seed; made at first start.</summary>
    public string KeyFile { get; init; } = "";

    /// <summary>Account that operates the node and is paid, 1 to 63 of <c>[a-z0-9-]</c>.</summary>
    public string Host { get; init; } = "";

    /// <summary>Free label used by placement, at most 63 characters.</summary>
    public string Region { get; init; } = "local";

    /// <summary>
    /// Gateways to join through, <c>https://host:port</c>, separated by commas and tried in turn, in an order that differs from node to node; work, reports and blobs then go through them and no
    /// sidecar is needed. Null joins through the Dapr sidecar of this machine.
    /// </summary>
    public string? GatewayUrl { get; init; }

    /// <summary>SHA-256 of the gateways' certificates in hex, separated by commas, when no public authority issued them; null trusts the system's roots.</summary>
    public string? GatewayCertificate { get; init; }

    /// <summary>Folder of the blob store; this, <see cref="BlobUrl"/> or <see cref="BlobGatewayUrl"/>, or none with <see cref="GatewayUrl"/>.</summary>
    public string? BlobFolder { get; init; }

    /// <summary>Base address of the blob store: a blob is <c>GET {base}/{digest}</c>.</summary>
    public Uri? BlobUrl { get; init; }

    /// <summary>
    /// Gateways for blobs alone, for a node whose work comes from a broker by its sidecar: <c>https://host:port</c>, separated by commas and tried in turn. The node logs in
    /// there with its key, and gets blobs once it is registered. <see cref="GatewayCertificate"/> holds for them too.
    /// </summary>
    public string? BlobGatewayUrl { get; init; }

    /// <summary>Folder for shards on this node; processes may share it.</summary>
    public string CacheFolder { get; init; } = "";

    /// <summary>Folder for the evidence of ended sessions, of this node alone; a folder under <see cref="CacheFolder"/> when null.</summary>
    public string? EvidenceFolder { get; init; }

    /// <summary>Most bytes of evidence; a session whose evidence would not fit is refused.</summary>
    public long EvidenceBytes { get; init; } = 4L << 30;

    /// <summary>How long evidence is kept when the assignment does not say. A node that cannot serve it in the challenge window loses the dispute.</summary>
    public TimeSpan EvidenceRetention { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Most bytes in <see cref="CacheFolder"/>: shards used longest ago make room, loaded ones stay.</summary>
    public long CacheBytes { get; init; } = 32L << 30;

    /// <summary>The platform's Ed25519 public key, 64 hex digits: messages signed by another are ignored.</summary>
    public string PlatformKey { get; init; } = "";

    /// <summary>Port of <c>/healthz</c> and <c>/readyz</c>, plain HTTP on every address; 0 serves neither.</summary>
    public int HealthPort { get; init; }

    /// <summary>Port on loopback for the Dapr sidecar; 0 takes any free one. Not opened with <see cref="GatewayUrl"/>.</summary>
    public int AppPort { get; init; }

    /// <summary>Port of the data plane; 0 takes any free one.</summary>
    public int DataPort { get; init; }

    /// <summary>Port of the stream API; 0 takes any free one.</summary>
    public int StreamPort { get; init; }

    /// <summary>Name or address under which peers and the platform reach this node. On a loopback address the node listens there only.</summary>
    public string AdvertiseAddress { get; init; } = "127.0.0.1";

    /// <summary>
    /// Relay through which peers and the platform reach this node that cannot dial it: <c>host:port</c>, or <c>:port</c> for the one of whichever gateway the node has
    /// joined, under the gateway's host and certificate; null for none.
    /// </summary>
    public string? Relay { get; init; }

    /// <summary>SHA-256 of the relay's certificate, 64 hex digits; null leaves it to the authorities that this system, and every peer, trusts.</summary>
    public string? RelayCertificate { get; init; }

    /// <summary>Whether the node can be dialled at <see cref="AdvertiseAddress"/>. If not it needs a relay, and listens on loopback only.</summary>
    public bool Direct { get; init; } = true;

    /// <summary>Memory for shards and key/value caches, in bytes.</summary>
    public long MemoryBytes { get; init; } = 2L << 30;

    /// <summary>Most sessions at a time.</summary>
    public int MaxSessions { get; init; } = 32;

    /// <summary>Threads per shard; one keeps several shards and sessions on a machine from fighting.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Asked price in micro-credits for one layer over one token.</summary>
    public long PricePerLayerToken { get; init; } = 1;

    /// <summary>
    /// File with the GPU labels of the machine, see <see cref="Contracts.GpuLabels"/>; on Kubernetes the downward API writes it. Null takes <see cref="Gpu"/>, or what the
    /// runtime knows.
    /// </summary>
    public string? GpuLabelsFile { get; init; }

    /// <summary>Longest wait for <see cref="GpuLabelsFile"/> to have a content: labels come after the pod has a machine.</summary>
    public TimeSpan GpuLabelsWait { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>The GPU in the host's own words, where no labels can be read; wins over <see cref="GpuLabelsFile"/>.</summary>
    public GpuOptions? Gpu { get; init; }

    /// <summary>Start on a time-sliced GPU, which isolates neither memory nor faults: a neighbour can read the prompts and break the answers.</summary>
    public bool AllowSharedGpu { get; init; }

    /// <summary>Whether the node judges disputes. The platform asks only those it trusts, whatever a node says of itself.</summary>
    public bool Referee { get; init; }

    /// <summary>Time between heartbeats.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for running sessions at a stop.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Stop when standard input ends: a supervisor that dies takes its workers along.</summary>
    public bool StopWhenInputCloses { get; init; }

    /// <summary>Folder for the times of every pass, see <see cref="Sessions.PassLog"/>; null writes none. For measuring.</summary>
    public string? PassLogFolder { get; init; }

    /// <summary>What the Dapr sidecar must present; from <c>APP_API_TOKEN</c>.</summary>
    public string? AppApiToken { get; init; }

    /// <summary>Everything that is wrong, each with its fix; empty when the options can be used.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        void Require(bool valid, string error)
        {
            if (!valid)
                errors.Add(error);
        }

        Require(KeyFile.Length > 0, "Worker:KeyFile is missing: set it to a path, the file is made at first start.");
        Require(Host.Length is > 0 and <= 63 && Host.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-'), "Worker:Host must be 1 to 63 of a-z, 0-9 and '-': set it to the account that is paid.");
        Require(Region.Length <= 63, "Worker:Region has more than 63 characters: shorten it.");
        string? gateway = null;
        Require(!JoinsByGateway || GatewayTarget.TryParse("Worker:GatewayUrl", GatewayUrl!, GatewayCertificate, out _, out gateway), gateway ?? "");
        Require(!BlobsByGateway || GatewayTarget.TryParse("Worker:BlobGatewayUrl", BlobGatewayUrl!, GatewayCertificate, out _, out gateway), gateway ?? "");
        Require(JoinsByGateway || BlobsByGateway || GatewayCertificate is not { Length: > 0 }, "Worker:GatewayCertificate means nothing without Worker:GatewayUrl or Worker:BlobGatewayUrl: set the address too.");
        int stores = new[] { BlobFolder is { Length: > 0 }, BlobUrl is not null, BlobsByGateway }.Count(set => set);
        Require(JoinsByGateway ? stores <= 1 : stores == 1, "Set one of Worker:BlobFolder, Worker:BlobUrl and Worker:BlobGatewayUrl, not several; with Worker:GatewayUrl none is needed.");
        Require(BlobUrl is null || (BlobUrl.IsAbsoluteUri && BlobUrl.Scheme is "http" or "https"), "Worker:BlobUrl must be an absolute http or https address.");
        Require(CacheFolder.Length > 0, "Worker:CacheFolder is missing: set it to a folder with room for the shards.");
        Require(PublicKeyText.TryParse(PlatformKey, out _), $"Worker:PlatformKey {PublicKeyText.Fix}");
        foreach (var (name, port) in new[] { (nameof(HealthPort), HealthPort), (nameof(AppPort), AppPort), (nameof(DataPort), DataPort), (nameof(StreamPort), StreamPort) })
            Require(port is >= 0 and <= 65_535, $"Worker:{name} must lie in 0..65535; 0 takes any free port.");
        Require(Uri.CheckHostName(AdvertiseAddress) != UriHostNameType.Unknown, "Worker:AdvertiseAddress must be a host name or an IP address.");
        Require(Direct || Relay is { Length: > 0 }, "Worker:Direct is off and Worker:Relay is missing: nobody could reach the node. Set one of them.");
        Require(Relay is not { Length: > 0 } || GatewayRelayPort > 0 || RelayPort(Relay) > 0, "Worker:Relay must be host:port, e.g. relay.example.org:8444, or :port for the relay of the gateway.");
        Require(GatewayRelayPort == 0 || JoinsByGateway, $"Worker:Relay {Relay} is the relay of the gateway that the node has joined, and Worker:GatewayUrl is missing: set it, or name the relay's host.");
        Require(GatewayRelayPort == 0 || RelayCertificate is not { Length: > 0 }, "Worker:RelayCertificate means nothing with the gateway's relay, which shows the gateway's certificate: set Worker:GatewayCertificate.");
        Require(RelayCertificate is not { Length: > 0 } || Digest.TryParse(RelayCertificate, out _), "Worker:RelayCertificate must be 64 lower-case hex digits: the SHA-256 of the relay's certificate.");
        Require(MemoryBytes > 0, "Worker:MemoryBytes must be positive: set it to the memory offered for shards and caches.");
        Require(EvidenceBytes > 0, "Worker:EvidenceBytes must be positive: set it to the disk space offered for the evidence of sessions.");
        Require(EvidenceRetention > TimeSpan.Zero && EvidenceRetention <= TimeSpan.FromDays(30), "Worker:EvidenceRetention must lie in 0..30 days.");
        Require(CacheBytes > 0, "Worker:CacheBytes must be positive: set it to the disk space offered for shards.");
        Require(MaxSessions is > 0 and <= 100_000, "Worker:MaxSessions must lie in 1..100000.");
        Require(Threads is > 0 and <= 1024, "Worker:Threads must lie in 1..1024.");
        Require(PricePerLayerToken >= 0, "Worker:PricePerLayerToken must be 0 or more.");
        Require(GpuLabelsWait >= TimeSpan.Zero && GpuLabelsWait <= TimeSpan.FromHours(1), "Worker:GpuLabelsWait must lie in 0..1 h.");
        if (Gpu is not null)
            errors.AddRange(Gpu.Validate());
        Require(HeartbeatInterval >= TimeSpan.FromMilliseconds(100) && HeartbeatInterval <= TimeSpan.FromMinutes(5), "Worker:HeartbeatInterval must lie in 100 ms..5 min.");
        Require(DrainGrace >= TimeSpan.Zero && DrainGrace <= TimeSpan.FromHours(1), "Worker:DrainGrace must lie in 0..1 h.");
        return errors;
    }

    /// <summary>Whether the node dials a gateway rather than being called by a sidecar.</summary>
    internal bool JoinsByGateway => GatewayUrl is { Length: > 0 };

    /// <summary>Whether the node logs in at a gateway for its blobs, wherever its work comes from.</summary>
    internal bool BlobsByGateway => BlobGatewayUrl is { Length: > 0 };

    /// <summary>Port of the relay in the gateway that the node has joined; 0 where the node is not reached by that.</summary>
    internal int GatewayRelayPort => Relay is [':', ..] && ushort.TryParse(Relay.AsSpan(1), out ushort port) ? port : 0;

    /// <summary>The relay that these options name; null without one.</summary>
    internal RelayEndpoint? RelayEndpoint =>
        Relay is not { Length: > 0 } or [':', ..] ? null : new RelayEndpoint(Relay, Digest.TryParse(RelayCertificate, out var certificate) ? certificate : null);

    /// <summary>Where the data plane and the stream API listen.</summary>
    internal IPAddress ListenAddress => !Direct ? IPAddress.Loopback : IPAddress.TryParse(AdvertiseAddress, out var address) && IPAddress.IsLoopback(address) ? address : IPAddress.IPv6Any;

    private static int RelayPort(string relay)
    {
        int colon = relay.LastIndexOf(':');
        return colon > 0 && Uri.CheckHostName(relay[..colon].Trim('[', ']')) != UriHostNameType.Unknown && ushort.TryParse(relay.AsSpan(colon + 1), out ushort port) ? port : 0;
    }
}
