using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Relay.Server;
using Orchestrator.Verification;

namespace Orchestrator.Local;

/// <summary>Who listens where, with which keys and files: everything decided before the first process starts.</summary>
public sealed class NetworkPlan
{
    private readonly LocalNetworkOptions options;
    private readonly DaprApp controlPlane;
    private readonly DaprApp? actors;
    private readonly DaprApp gateway;
    private readonly int adminPort;
    private readonly string platformKey;
    private readonly NodeId platform;
    private readonly int relayPort;

    private NetworkPlan(LocalNetworkOptions options, DateTimeOffset now)
    {
        this.options = options;
        Folder = new NetworkFolder(Path.GetFullPath(options.Folder));
        Folder.Create(options.InitialCredit, now);
        using (var key = SigningKey.LoadOrCreate(Folder.PlatformKeyFile))
            (platformKey, platform) = (Convert.ToHexStringLower(key.PublicKey), key.Node);
        var ports = FreePorts.Take(11 + 2 * options.Gateways + (options.Nodes + (options.Referee ? 1 : 0)) * 5);
        Endpoint = new Uri($"http://127.0.0.1:{(options.Port > 0 ? options.Port : ports.Dequeue())}");
        adminPort = ports.Dequeue();
        AdminToken = NetworkFolder.NewToken();
        controlPlane = DaprApp.Create(LocalNetwork.ControlPlaneName, ports);
        actors = options.SplitActors ? DaprApp.Create(LocalNetwork.ActorsName, ports) : null;
        Nodes = [.. Enumerable.Range(1, options.Nodes).Select(n => LocalNode.Create(n, Folder, ports))];
        gateway = DaprApp.CreateCaller(LocalGateway.AppId, ports);
        Gateways = options.Address is { } address
            ? [LocalGateway.CreateAt(address, options.GatewayPort, Folder, ports, now)]
            : [.. Enumerable.Range(1, options.Gateways).Select(n => LocalGateway.Create(n, Folder, ports, now))];
        Referee = options.Referee ? LocalNode.Referee(Folder, ports) : null;
        relayPort = options.Address is null ? ports.Dequeue() : options.GatewayPort + 1;
        if (!options.Relay)
            return;
        if (RelaysInGateway)
        {
            Relay = new RelayEndpoint($"{Gateways[0].Address.Host}:{relayPort}", Gateways[0].Certificate);
            return;
        }

        using var certificate = RelayCertificate.LoadOrCreate(Folder.RelayCertificateFile, TimeProvider.System);
        Relay = new RelayEndpoint($"127.0.0.1:{relayPort}", RelayCertificate.DigestOf(certificate));
    }

    /// <summary>The network's files.</summary>
    public NetworkFolder Folder { get; }

    /// <summary>Base URL of the HTTP API.</summary>
    public Uri Endpoint { get; }

    /// <summary>The nodes, in order.</summary>
    public IReadOnlyList<LocalNode> Nodes { get; }

    /// <summary>The referee; null without one.</summary>
    public LocalNode? Referee { get; }

    /// <summary>The gateways; none when nodes have sidecars.</summary>
    public IReadOnlyList<LocalGateway> Gateways { get; }

    /// <summary>The relay; null without one.</summary>
    public RelayEndpoint? Relay { get; }

    /// <summary>What workers of other machines join with; null when the network is on loopback only.</summary>
    public JoinTicket? Ticket => options.Address is null ? null : new JoinTicket(Gateways[0].Address, Gateways[0].Certificate, platformKey, Relay?.Endpoint);

    /// <summary>Nodes and referee.</summary>
    public IEnumerable<LocalNode> Workers => Referee is null ? Nodes : Nodes.Append(Referee);

    /// <summary>Base URL of the sidecar's admin API, which switches faults.</summary>
    public Uri SidecarAdmin => new($"http://127.0.0.1:{adminPort}");

    /// <summary>Bearer token of the sidecar's admin API.</summary>
    public string AdminToken { get; }

    private bool JoinByGateway => Gateways.Count > 0 && !options.NodesByBroker;

    private string? GatewayAddresses => Gateways.Count > 0 ? string.Join(',', Gateways.Select(g => g.Address)) : null;

    // With several gateways nodes are logged in here and there, and each would relay for its own only.
    private bool RelaysInGateway => options is { Relay: true, Gateways: 1 };

    /// <summary>Decides everything and writes the configuration files.</summary>
    public static NetworkPlan Create(LocalNetworkOptions options, DateTimeOffset now) => new(options, now);

    /// <summary>The sidecar, one port pair per app-id.</summary>
    public ProcessSpec SidecarProcess() => Spec(LocalNetwork.SidecarName, "orchestrator.dll", "sidecar", null, new JsonObject
    {
        ["apps"] = new JsonArray([.. new[] { controlPlane, actors }.OfType<DaprApp>().Concat(Gateways.Count > 0 ? [gateway] : []).Concat(JoinByGateway ? [] : Workers.Select(n => n.App)).Select(a => a.ToJson())]),
        ["componentsDirectory"] = Path.GetFullPath(options.Components),
        ["dataDirectory"] = Folder.Sidecar,
        ["adminToken"] = AdminToken,
        ["adminPort"] = adminPort,
    });

    /// <summary>The control plane with its durable engine, and with its actors unless they are an app of their own.</summary>
    public ProcessSpec ControlPlaneProcess() => Spec(LocalNetwork.ControlPlaneName, "orchestrator.dll", "control-plane", controlPlane, new JsonObject
    {
        ["Api"] = Endpoint.ToString(),
        ["AppPort"] = controlPlane.AppPort,
        ["Journal"] = Folder.Journal,
        ["HostsActors"] = actors is null,
        ["ControlPlane"] = new JsonObject
        {
            ["ApiKeysFile"] = Folder.ApiKeyTable,
            ["PlatformKeyFile"] = Folder.PlatformKeyFile,
            ["BlobFolder"] = Folder.Blobs,
            ["RulesFile"] = Folder.RulesFile,
            ["PublicUrl"] = Endpoint.ToString(),
            ["DefaultChains"] = options.Chains,
            // Only whoever has this machine's key asks for webhooks, and only this machine is there to be called.
            ["Webhooks"] = new JsonObject { ["AllowHttp"] = true, ["AllowedNetworks"] = new JsonArray("127.0.0.0/8") },
            ["Audits"] = new JsonObject
            {
                ["ChallengeWindow"] = options.ChallengeWindow.ToString("c"),
                ["EvidencePatience"] = "00:00:20",
                ["ReportPatience"] = "00:00:30",
                ["AuditorPatience"] = "00:00:30",
                ["Availability"] = new JsonObject { ["Witnesses"] = 3, ["Quorum"] = 2, ["Rounds"] = 3, ["Window"] = "00:01:00" },
                ["Referees"] = Referee is null ? [] : new JsonArray(Referee.Id.Value),
            },
        },
    });

    /// <summary>The actors as an app of their own.</summary>
    public ProcessSpec ActorsProcess() => Spec(LocalNetwork.ActorsName, "Orchestrator.Actors.Host.dll", null, actors, new JsonObject
    {
        ["Actors"] = new JsonObject
        {
            ["Port"] = actors!.AppPort,
            ["Loopback"] = true,
            ["RulesFile"] = Folder.RulesFile,
            ["StopWhenInputCloses"] = true,
        },
    });

    /// <summary>One gateway; all have the same app-id, as replicas do.</summary>
    public ProcessSpec GatewayProcess(LocalGateway one) => Spec(one.Name, "Orchestrator.Gateway.dll", null, gateway, new JsonObject { ["Gateway"] = one.ToJson(Folder, Endpoint, RelaysInGateway ? relayPort : null, platformKey) });

    /// <summary>The relay's process; null without a relay, or where a gateway is one.</summary>
    public ProcessSpec? RelayProcess() => Relay is null || RelaysInGateway ? null : Spec(LocalNetwork.RelayName, "orchestrator.dll", "relay", null, new JsonObject
    {
        ["Port"] = relayPort,
        ["CertificateFile"] = Folder.RelayCertificateFile,
        ["Platform"] = platform.Value,
    });

    /// <summary>One node.</summary>
    public ProcessSpec NodeProcess(LocalNode node) => Spec(node.Name, node == Referee ? LocalNetworkOptions.WorkerAssembly : options.NodeAssembly, null, JoinByGateway ? null : node.App, new JsonObject
    {
        ["Worker"] = new JsonObject
        {
            ["GatewayUrl"] = JoinByGateway ? GatewayAddresses : null,
            ["BlobGatewayUrl"] = JoinByGateway ? null : GatewayAddresses,
            ["GatewayCertificate"] = Gateways.Count > 0 ? Gateways[0].Certificate.Value : null,
            ["KeyFile"] = node.KeyFile,
            ["Host"] = node.Host,
            ["Region"] = "local",
            ["BlobFolder"] = Gateways.Count > 0 ? null : Folder.Blobs,
            ["CacheFolder"] = node.CacheFolder,
            ["PlatformKey"] = platformKey,
            ["AppPort"] = node.App.AppPort,
            ["DataPort"] = node.DataPort,
            ["StreamPort"] = node.StreamPort,
            ["AdvertiseAddress"] = options.Address ?? "127.0.0.1",
            [nameof(Relay)] = Relay?.Endpoint,
            ["RelayCertificate"] = Relay?.Certificate?.Value,
            ["Direct"] = Relay is null,
            ["Threads"] = options.ThreadsPerNode,
            ["StopWhenInputCloses"] = true,
            [nameof(Referee)] = node == Referee,
        },
    });

    /// <summary>Loopback port that serves the metrics of a process; 0 when none does.</summary>
    public int MetricsPort(string process)
    {
        string[] all = [LocalNetwork.ControlPlaneName, LocalNetwork.SidecarName, LocalNetwork.ActorsName, .. Workers.Select(n => n.Name), .. Gateways.Select(g => g.Name), LocalNetwork.RelayName];
        return options.MetricsPort == 0 ? 0 : options.MetricsPort + Array.IndexOf(all, process);
    }

    private ProcessSpec Spec(string name, string assembly, string? command, DaprApp? app, JsonObject configuration)
    {
        string file = Folder.Configuration(name);
        NetworkFolder.WriteJson(file, configuration);
        string[] arguments = command is null ? ["--config", file] : [command, "--config", file];
        var environment = new Dictionary<string, string>(app?.Environment ?? [])
        {
            // Children inherit this process's variables, and two cannot have the same port.
            ["Telemetry__MetricsPort"] = MetricsPort(name).ToString(),
            ["Telemetry__MetricsAddress"] = "127.0.0.1",
        };
        foreach (var (variable, value) in options.Environment)
            environment[variable] = value;
        return new ProcessSpec(name, Path.Combine(options.Binaries, assembly), arguments, environment, Path.Combine(Folder.Logs, name + ".log"));
    }
}
