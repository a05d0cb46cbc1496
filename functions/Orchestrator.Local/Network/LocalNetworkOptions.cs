namespace Orchestrator.Local;

/// <summary>A network on one machine.</summary>
public sealed record LocalNetworkOptions
{
    /// <summary>The worker's assembly.</summary>
    public const string WorkerAssembly = "Orchestrator.Worker.dll";

    /// <summary>Port that workers of other machines dial, unless another is chosen; a gateway's own default.</summary>
    public const int DefaultGatewayPort = 8443;

    /// <summary>Folder for keys, blobs, journals and logs; made when missing. A network started again on the same folder goes on where it stopped.</summary>
    public required string Folder { get; init; }

    /// <summary>Worker processes, 1 to 64; 0 where all join from elsewhere, see <see cref="Address"/>. Each is its own host.</summary>
    public int Nodes { get; init; } = 8;

    /// <summary>Disjoint chains that must agree on an answer, 1 to 3.</summary>
    public int Chains { get; init; } = 2;

    /// <summary>Loopback port of the HTTP API; 0 picks a free one.</summary>
    public int Port { get; init; }

    /// <summary>First of the loopback ports that serve metrics: control plane, sidecar, then the others in order, one each. 0 serves none.</summary>
    public int MetricsPort { get; init; }

    /// <summary>Also run a referee, so that disputes are settled. It takes no work.</summary>
    public bool Referee { get; init; }

    /// <summary>Run the actors as an app of their own, as on Kubernetes, instead of inside the control plane.</summary>
    public bool SplitActors { get; init; }

    /// <summary>
    /// Gateways, 0 to 4. With any, nodes join as hosts of other clusters do: they dial a gateway, have no sidecar, and get blobs through it, unless <see cref="NodesByBroker"/>. Without, each has
    /// its own sidecar port.
    /// </summary>
    public int Gateways { get; init; }

    /// <summary>
    /// With gateways, nodes join as hosts with the platform's broker do: each has its own sidecar port for work and reports, and goes to a gateway for blobs only.
    /// </summary>
    public bool NodesByBroker { get; init; }

    /// <summary>Also run a relay, in the gateway where there is exactly one, and have all nodes reached through it only: none says where it listens.</summary>
    public bool Relay { get; init; }

    /// <summary>
    /// Name or address of this machine at which workers of other machines dial the gateway, and the relay on the port after it; needs exactly one gateway. Null
    /// keeps everything on loopback. The HTTP API stays on loopback either way.
    /// </summary>
    public string? Address { get; init; }

    /// <summary>Port of the gateway at <see cref="Address"/>; fixed, so that workers find it again.</summary>
    public int GatewayPort { get; init; } = DefaultGatewayPort;

    /// <summary>How long an optimistic answer may be challenged. Default 60 s: long enough to try it out.</summary>
    public TimeSpan ChallengeWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Threads per worker.</summary>
    public int ThreadsPerNode { get; init; } = 1;

    /// <summary>What nodes run, an assembly in <see cref="Binaries"/>: the worker, unless a drill has another. The referee is always the worker.</summary>
    public string NodeAssembly { get; init; } = WorkerAssembly;

    /// <summary>Micro-credits on the developer account at first start.</summary>
    public long InitialCredit { get; init; } = 1_000_000_000;

    /// <summary>Variables for every process beside those of this one, e.g. where a collector is.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Folder with the Dapr component files; the ones that ship with the command by default.</summary>
    public string Components { get; init; } = Path.Combine(AppContext.BaseDirectory, "dapr-components");

    /// <summary>Folder with the command's own assemblies.</summary>
    public string Binaries { get; init; } = AppContext.BaseDirectory;

    /// <summary>Names the fix for every option out of range; empty when all is well.</summary>
    public IReadOnlyList<string> Validate()
    {
        var errors = new List<string>();
        if (Nodes is < 0 or > 64 || (Nodes == 0 && Address is null))
            errors.Add($"Nodes must be 1 to 64, not {Nodes}; 0 needs an address at which others join.");
        if (Chains is < 1 or > 3)
            errors.Add($"Chains must be 1 to 3, not {Chains}.");
        if (Nodes >= 1 && Nodes < Chains && Address is null)
            errors.Add($"{Chains} disjoint chains need at least {Chains} nodes, not {Nodes}.");
        if (Gateways is < 0 or > 4)
            errors.Add($"Gateways must be 0 to 4, not {Gateways}.");
        if (Address is not null && (Gateways != 1 || Uri.CheckHostName(Address) == UriHostNameType.Unknown))
            errors.Add($"'{Address}' must be a name or an address of this machine, with exactly one gateway there.");
        if (NodesByBroker && (Gateways == 0 || Relay))
            errors.Add("NodesByBroker needs a gateway for blobs, and no relay: a gateway relays for the nodes that get their work there.");
        if (GatewayPort is < 1 or > 65_534)
            errors.Add($"GatewayPort must be 1 to 65534, not {GatewayPort}.");
        if (Port is < 0 or > 65_535)
            errors.Add($"Port must be 0 to 65535, not {Port}.");
        if (MetricsPort is < 0 or > 65_000)
            errors.Add($"MetricsPort must be 0 to 65000, not {MetricsPort}.");
        if (!Directory.Exists(Components))
            errors.Add($"Component folder {Components} does not exist.");
        return errors;
    }
}
